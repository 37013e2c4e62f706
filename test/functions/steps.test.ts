import { expect, test, vi } from 'vitest';
import { givenAws } from './aws-double.ts';
import { berthEnvironment } from './environment.ts';
import { context, stepEvent, wakeEvent } from './events.ts';
import { awsEnvironment, givenFunction } from './lambda.ts';

const environment = (endpoint: string) => ({ ...awsEnvironment(endpoint), ...berthEnvironment });

const agentToken = `${stepEvent.workspaceId}.1.${'x'.repeat(43)}`;

/** Captures the log lines of a function. */
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
  '%s of an ended build fails with the error name that the workflow catches',
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

test('an AWS error keeps its name, and the workflow receives neither secrets nor a stack', async () => {
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

test('a step returns a result that the workflow can store', async () => {
  const invoke = await givenFunction('step-explain', {});
  const log = logged();
  const result = await invoke({ ...stepEvent, caught: { Error: 'agent_timeout', Cause: '' } });
  log.lines();
  expect(result).toMatchObject({ canceled: false, failure: { error: 'agent_timeout' } });
});

test('the stop of an absent workspace succeeds, and an invalid event throws', async () => {
  const aws = await givenAws();
  const invoke = await givenFunction('schedule-stop', environment(aws.endpoint));
  await invoke(wakeEvent);
  expect(aws.requests.map(({ operation }) => operation)).toEqual(['DynamoDB_20120810.GetItem']);
  await expect(invoke({ workspaceId: 1 })).rejects.toThrow();
});

test('the autostart of an absent workspace deletes its schedule', async () => {
  const aws = await givenAws();
  const invoke = await givenFunction('schedule-autostart', environment(aws.endpoint));
  await invoke({ workspaceId: wakeEvent.workspaceId });
  expect(aws.requests.map(({ operation }) => operation)).toEqual([
    'DynamoDB_20120810.GetItem',
    expect.stringContaining(`DELETE /schedules/autostart-${wakeEvent.workspaceId}`),
  ]);
  await expect(invoke({})).rejects.toThrow();
});

test('only the step that starts agents needs the key', async () => {
  const { BERTH_AGENT_KEY: _, ...env } = environment('http://127.0.0.1:9');
  await givenFunction('step-plan', env);
  await expect(givenFunction('step-apply', env)).rejects.toThrow('BERTH_AGENT_KEY');
});

test.each([
  ['no workspace runs', [], 0],
  ['a workspace runs', [{ pk: { S: 'workspace#x' }, sk: { S: 'workspace' } }], 1],
])('the sweep logs for its metric whether a workspace runs: %s', async (_, running, busy) => {
  const isRunning = (body: object) => JSON.stringify(body).includes('"running#');
  // The check whether any workspace runs reads one item, and one more to know whether others follow.
  const isBusyQuery = (body: { Limit?: number }) => body.Limit === 2;
  const aws = await givenAws(({ operation, body }) =>
    operation.endsWith('.Query') ? { body: { Items: isRunning(body) && isBusyQuery(body) ? running : [] } } : {},
  );
  const invoke = await givenFunction('schedule-sweep', { ...environment(aws.endpoint), BERTH_COMPUTE: '{}' });
  const log = logged();
  await invoke({});
  expect(log.lines()).toMatchObject([{ level: 'INFO', message: 'swept', busy }]);
});
