import type { Ec2VmSpec } from '../../../compute/ec2/spec.ts';
import type { Progress } from '../../../core/ports/compute-kind.ts';
import { deleted, newWorkspaceId, runOf } from '../../compute/contract.ts';
import type { VmWorld } from './fixture.ts';

/** Calls again until it is settled, while the world's clock goes on by what all that are driven at once ask to wait. */
export const drive = ({ clock, time }: VmWorld, move: () => Promise<Progress>): Promise<void> =>
  time.spend(async (until) => {
    for (let calls = 0; calls < 1_500; calls++) {
      const before = clock.now().getTime();
      const progress = await move();
      if (progress.settled) return;
      await until(before + progress.again);
    }
    throw new Error('it was not settled after 1,500 calls');
  });

/** A workspace of the world's pool, as its template and its builds move it. */
export const givenWorkspace = (world: VmWorld, spec: Partial<Ec2VmSpec> = {}) => {
  const id = newWorkspaceId();
  const { kind } = world;
  const run = (number = 1, more: Partial<Ec2VmSpec> = {}) =>
    runOf(kind, { pool: 'general', home: { size: '8Gi' }, ...spec, ...more }, id, number);
  return {
    id,
    run,
    apply: (number = 1) => kind.apply(run(number)),
    start: (number = 1, more: Partial<Ec2VmSpec> = {}) => drive(world, () => kind.apply(run(number, more))),
    stop: () => drive(world, () => kind.stop({ id })),
    destroy: () => drive(world, () => kind.destroy(deleted(id))),
    observe: () => kind.observe({ id }),
    machines: () => world.ofWorkspace(id),
    machine: async () => {
      const [machine, ...more] = await world.ofWorkspace(id);
      if (machine === undefined || more.length > 0)
        throw new Error(`it has ${more.length + (machine ? 1 : 0)} machines`);
      return machine;
    },
    leftovers: async () => [
      ...(await world.ofWorkspace(id)).map(({ InstanceId }) => InstanceId),
      ...(await world.volumesOf(id)),
    ],
  };
};
