import { expect, test, vi } from 'vitest';
import { givenAws } from './aws-double.ts';
import { berthEnvironment } from './environment.ts';
import { context, stepEvent, wakeEvent } from './events.ts';
import { awsEnvironment, givenFunction } from './lambda.ts';

const environment = (endpoint: string) => ({ ...awsEnvironment(endpoint), ...berthEnvironment });

const agentToken = `${stepEvent.workspaceId}.1.${'x'.repeat(43)}`;

/** What the function wrote to its log. */
const logged = () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  return {
    lines: () => {
      const all = write.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);
      write.mockRestore();
      return all;
    },
  };
};

test.each(['step-plan', 'step-apply', 'step-complete', 'step-stop-compute', 'step-destroy-compute'] as const)(
  '%s of a build that has ended fails by the name that the workflow catches',
  async (name) => {
    const aws = await givenAws();
    const invoke = await givenFunction(name, environment(aws.endpoint));
    const log = logged();
    const failure = await invoke(stepEvent).catch((error: unknown) => error);
    log.lines();
    expect(failure).toMatchObject({ name: 'build_canceled', message: expect.stringContaining('The build has ended') });
    expect(aws.requests.map(({ operation }) => operation)).toEqual(['DynamoDB_20120810.GetItem']);
  },
);

test('a fault of AWS keeps its name; what a workflow keeps of it holds no secret and no inside', async () => {
  const message = `not for ${agentToken}`;
  const aws = await givenAws(() => ({ status: 400, body: { __type: 'AccessDeniedException', message } }));
  const invoke = await givenFunction('step-complete', environment(aws.endpoint));
  const log = logged();
  const failure = (await invoke(stepEvent).catch((error: unknown) => error)) as Error;
  const lines = log.lines();
  expect(failure).toMatchObject({ name: 'AccessDeniedException', message: 'not for [secret]' });
  expect(failure.stack).toBe('AccessDeniedException: not for [secret]');
  expect(failure.cause).toBeUndefined();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    level: 'ERROR',
    message: 'a step failed',
    requestId: context.awsRequestId,
    error: { name: 'AccessDeniedException', stack: expect.stringContaining('at ') },
  });
  expect(JSON.stringify(lines)).not.toContain(agentToken);
});

test('a step that ended answers something that a workflow can keep', async () => {
  const invoke = await givenFunction('step-explain', {});
  const log = logged();
  const answer = await invoke({ ...stepEvent, caught: { Error: 'agent_timeout', Cause: '' } });
  log.lines();
  expect(answer).toMatchObject({ canceled: false, failure: { error: 'agent_timeout' } });
});

test('a schedule’s wake for a workspace that is gone is done; one that is none is refused', async () => {
  const aws = await givenAws();
  const invoke = await givenFunction('schedule-stop', environment(aws.endpoint));
  await invoke(wakeEvent);
  expect(aws.requests.map(({ operation }) => operation)).toEqual(['DynamoDB_20120810.GetItem']);
  await expect(invoke({ workspaceId: 1 })).rejects.toThrow();
});

test('an autostart’s wake for a workspace that is gone takes its schedule away', async () => {
  const aws = await givenAws();
  const invoke = await givenFunction('schedule-autostart', environment(aws.endpoint));
  await invoke({ workspaceId: wakeEvent.workspaceId });
  expect(aws.requests.map(({ operation }) => operation)).toEqual([
    'DynamoDB_20120810.GetItem',
    expect.stringContaining(`DELETE /schedules/autostart-${wakeEvent.workspaceId}`),
  ]);
  await expect(invoke({})).rejects.toThrow();
});

test('only the step that starts agents can read the key', async () => {
  const { BERTH_AGENT_KEY: _, ...env } = environment('http://127.0.0.1:9');
  await givenFunction('step-plan', env);
  await expect(givenFunction('step-apply', env)).rejects.toThrow('BERTH_AGENT_KEY');
});

test.each([
  ['nobody works', [], 0],
  ['a workspace runs', [{ pk: { S: 'workspace#x' }, sk: { S: 'workspace' } }], 1],
])('the sweep says, as a metric is made of it, that %s', async (_, running, busy) => {
  const isRunning = (body: object) => JSON.stringify(body).includes('"running#');
  // What is to be stopped is asked for up to now; whether any runs, without an end.
  const wholeQuery = (body: { Limit?: number }) => body.Limit === 2;
  const aws = await givenAws(({ operation, body }) =>
    operation.endsWith('.Query') ? { body: { Items: isRunning(body) && wholeQuery(body) ? running : [] } } : {},
  );
  const invoke = await givenFunction('schedule-sweep', { ...environment(aws.endpoint), BERTH_COMPUTE: '{}' });
  const log = logged();
  await invoke({});
  expect(log.lines()).toMatchObject([{ level: 'INFO', message: 'swept', busy }]);
});
