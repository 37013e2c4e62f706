import { afterAll, beforeAll, expect, test } from 'vitest';
import { bindSteps } from '../../../functions/steps/steps.ts';
import { givenBerth, type TestBerth, untilStatus } from '../../support/berth.ts';
import { workspaceProcesses } from '../../support/processes/workspace-processes.ts';

/** Steps of a finished build: repeated, late, or of an execution that was started twice. */
let berth: TestBerth;
let id: string;
beforeAll(async () => {
  berth = await givenBerth();
  ({ id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } }));
  await untilStatus(berth.as('ada'), id, 'running');
});
afterAll(() => berth.end());

const caught = { Error: 'compute_failed', Cause: 'late' };
const explained = { canceled: false, failure: { error: 'compute_failed', message: 'Late.', action: 'None.' } };

test.each(['Plan', 'Apply', 'AwaitAgent', 'Complete'] as const)(
  'a late %s fails because the build is over',
  async (name) => {
    const steps = bindSteps(berth.runtime);
    const late = steps[name]({ workspaceId: id, buildId: `${id}-1`, taskToken: 'late' });
    await expect(late).rejects.toMatchObject({ name: 'build_canceled' });
  },
);

test('a late clean-up or failure leaves the running workspace alone', async () => {
  const steps = bindSteps(berth.runtime);
  const before = await berth.as('ada').getWorkspace({ params: { workspace: id } });
  const input = { workspaceId: id, buildId: `${id}-1`, caught, explained };
  expect(await steps.CleanUp(input)).toEqual({ settled: true, waitSeconds: 0 });
  await steps.Fail(input);
  expect(await berth.as('ada').getWorkspace({ params: { workspace: id } })).toMatchObject({
    status: 'running',
    version: before.version,
  });
  expect(workspaceProcesses(berth.dataDir).length).toBeGreaterThan(0);
});

test('a late stop does not stop a newer run', async () => {
  const params = { workspace: id };
  await berth.as('ada').stopWorkspace({ params });
  await untilStatus(berth.as('ada'), id, 'stopped');
  await berth.as('ada').startWorkspace({ params, body: {} });
  await untilStatus(berth.as('ada'), id, 'running');
  const late = bindSteps(berth.runtime).StopCompute({ workspaceId: id, buildId: `${id}-2` });
  await expect(late).rejects.toMatchObject({ name: 'build_canceled' });
  expect(workspaceProcesses(berth.dataDir).length).toBeGreaterThan(0);
});
