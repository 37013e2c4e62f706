import type { Ec2VmSpec } from '../../../compute/ec2/spec.ts';
import type { Progress } from '../../../core/ports/compute-kind.ts';
import { deleted, newWorkspaceId, runOf } from '../../compute/contract.ts';
import type { VmFixture } from './fixture.ts';

/** Repeats a step until it is settled. The fixture's clock advances while all concurrent callers wait. */
export const untilSettled = ({ clock, time }: VmFixture, step: () => Promise<Progress>): Promise<void> =>
  time.run(async (waitUntil) => {
    for (let calls = 0; calls < 1_500; calls++) {
      const before = clock.now().getTime();
      const progress = await step();
      if (progress.settled) return;
      await waitUntil(before + progress.again);
    }
    throw new Error('the step was not settled after 1,500 calls');
  });

/** A workspace of the fixture's pool, with the steps of its builds. */
export const givenWorkspace = (fixture: VmFixture, spec: Partial<Ec2VmSpec> = {}) => {
  const id = newWorkspaceId();
  const { kind } = fixture;
  const run = (number = 1, more: Partial<Ec2VmSpec> = {}) =>
    runOf(kind, { pool: 'general', home: { size: '8Gi' }, ...spec, ...more }, id, number);
  return {
    id,
    run,
    apply: (number = 1) => kind.apply(run(number)),
    start: (number = 1, more: Partial<Ec2VmSpec> = {}) => untilSettled(fixture, () => kind.apply(run(number, more))),
    stop: () => untilSettled(fixture, () => kind.stop({ id })),
    destroy: () => untilSettled(fixture, () => kind.destroy(deleted(id))),
    observe: () => kind.observe({ id }),
    machines: () => fixture.ofWorkspace(id),
    machine: async () => {
      const [machine, ...more] = await fixture.ofWorkspace(id);
      if (machine === undefined || more.length > 0)
        throw new Error(`the workspace has ${more.length + (machine ? 1 : 0)} machines`);
      return machine;
    },
    leftovers: async () => [
      ...(await fixture.ofWorkspace(id)).map(({ InstanceId }) => InstanceId),
      ...(await fixture.volumesOf(id)),
    ],
  };
};
