import { afterEach, expect, test } from 'vitest';
import { acquireWorkerLock } from '../../../compute/ec2/worker/worker-lock.ts';
import { maintainPools } from '../../../functions/schedule/pools.ts';
import { simulatedFleet } from './fixture.ts';

let fleet: ReturnType<typeof simulatedFleet>;
const givenFleet = (options: Parameters<typeof simulatedFleet>[0]) => {
  fleet = simulatedFleet(options);
  return fleet;
};
afterEach(() => fleet.table.close());

const many = (count: number, mode: 'persistent' | 'ephemeral') =>
  Array.from({ length: count }, () => fleet.givenWorkspace(mode));
const resultsOf = (ends: PromiseSettledResult<unknown>[]) =>
  ends.map((end) => (end.status === 'rejected' ? (end.reason as Error).message : 'ready'));
const requestCount = (operation: string) => fleet.aws.counts.get(operation) ?? { done: 0, throttled: 0 };
const givenStopped = async (workspaces: ReturnType<typeof many>) => {
  await fleet.outcomesOf(workspaces.map(({ start }) => start(1)));
  await fleet.outcomesOf(workspaces.map(({ stop }) => stop()));
};

test('300 concurrent starts all succeed within the rate limits of AWS and the cap of the pool', async () => {
  const { aws, poolWrites, outcomesOf, resizePoolsFor, startWithin } = givenFleet({ cap: 320, running: 10 });
  const workspaces = [...many(120, 'persistent'), ...many(90, 'ephemeral')];
  resizePoolsFor(1);
  await givenStopped(workspaces);
  resizePoolsFor(2);
  await fleet.run();

  aws.enforceLimits();
  resizePoolsFor(10);
  Object.assign(poolWrites, { withLock: 0, withoutLock: 0 });
  const ends = await outcomesOf(startWithin(1_000, [...workspaces, ...many(90, 'ephemeral')]));
  expect(new Set(resultsOf(ends))).toEqual(new Set(['ready']));
  expect(aws.peakInstances()).toBeLessThanOrEqual(320);
  const throttled = [...aws.counts.values()].reduce((sum, count) => sum + count.throttled, 0);
  expect(throttled).toBeLessThan(10);
  expect(requestCount('StartInstances').done).toBeLessThan(60);
  expect(requestCount('DetachInstances').done).toBeLessThan(90);
  expect(requestCount('RunInstances').done).toBeLessThan(120);
  expect(await fleet.table.get({ pk: 'vm-pool#general', sk: 'pool' })).toMatchObject({ leased: 300, waiting: 0 });
  // Only the worker writes the pool's count, because concurrent writes of that one item would conflict.
  expect(poolWrites).toEqual({ withLock: expect.any(Number), withoutLock: 0 });
  expect(poolWrites.withLock).toBeGreaterThan(179);
});

test('a queued start reports a falling number of starts ahead', async () => {
  const { aws, outcomesOf, startWithin } = givenFleet({ cap: 300, running: 0 });
  aws.enforceLimits();
  const ends = await outcomesOf(startWithin(0, many(200, 'ephemeral')));
  const last = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : [])).sort((a, b) => b.ms - a.ms)[0];
  const ahead = (last?.reported ?? [])
    .flatMap(({ detail }) => /About (\d+) starts are ahead/.exec(detail)?.[1] ?? [])
    .map(Number);
  expect(ahead.length).toBeGreaterThan(3);
  expect(ahead[0]).toBeGreaterThan(100);
  expect(ahead).toEqual(ahead.toSorted((a, b) => b - a));
});

test('starts beyond the cap of the pool fail with the message that the pool is full', async () => {
  const { aws, outcomesOf, startWithin } = givenFleet({ cap: 60, running: 5 });
  aws.enforceLimits();
  const results = resultsOf(await outcomesOf(startWithin(1_000, many(80, 'ephemeral'))));
  expect(results.filter((outcome) => outcome === 'ready')).toHaveLength(60);
  expect(results.filter((outcome) => /^All 60 VMs of the pool general are in use/.test(outcome))).toHaveLength(20);
  expect(aws.peakInstances()).toBe(60);
});

test('a queued start does not time out while the queue moves', async () => {
  const { outcomesOf, startWithin, aws } = givenFleet({ cap: 1_000, running: 0, bootMs: 290_000 });
  aws.enforceLimits();
  const ends = await outcomesOf(startWithin(1_000, many(920, 'ephemeral')));
  expect(new Set(resultsOf(ends))).toEqual(new Set(['ready']));
  const longest = Math.max(...ends.map((end) => (end.status === 'fulfilled' ? end.value.ms : 0)));
  expect(longest).toBeGreaterThan(15 * 60_000);
});

test('an instance that EC2 refuses to start is resized, and delays no other instance of its batch', async () => {
  const { aws, outcomesOf, startWithin, table } = givenFleet({ cap: 50, running: 0 });
  const workspaces = many(30, 'persistent');
  await givenStopped(workspaces);
  const record = await table.get({ pk: `vm#${workspaces[4]?.id}`, sk: 'vm' });
  const { instanceId } = Object(record?.['machine']) as { instanceId: string };
  aws.refuse('StartInstances', 'InsufficientInstanceCapacity', ({ InstanceIds }) => {
    return (InstanceIds as string[]).includes(instanceId) && !aws.resized.has(instanceId);
  });
  aws.enforceLimits();
  expect(new Set(resultsOf(await outcomesOf(startWithin(0, workspaces))))).toEqual(new Set(['ready']));
  expect([...aws.resized]).toEqual([[instanceId, 'm7g.xlarge']]);
  expect(requestCount('StartInstances').done).toBeLessThan(15);
});

test('a worker that crashes with the lock delays other starts by less than a minute', async () => {
  const { outcomesOf, resizePoolsFor, now, startWithin, table } = givenFleet({ cap: 50, running: 2 });
  resizePoolsFor(1);
  await fleet.run();
  const start = async () => {
    const [end] = await outcomesOf(startWithin(0, many(1, 'ephemeral')));
    return end?.status === 'fulfilled' ? end.value.ms : Number.NaN;
  };
  await start();
  const usual = await start();
  expect((await acquireWorkerLock(table, 'starts', () => now() + 1_000)).release).toBeDefined();
  const late = await start();
  expect(late).toBeGreaterThan(20_000);
  expect(late).toBeLessThan(usual + 55_000);
});

test('a pool without its Auto Scaling group fails only its own starts, with the reason', async () => {
  const { outcomesOf, givenWorkspace } = givenFleet({ cap: 50, running: 0 });
  const calls = Array.from({ length: 6 }, (_, at) => givenWorkspace('ephemeral', at % 2 ? 'gone' : 'general').start(1));
  const results = resultsOf(await outcomesOf(calls));
  expect(results.filter((_, at) => at % 2 === 0)).toEqual(['ready', 'ready', 'ready']);
  for (const message of results.filter((_, at) => at % 2 === 1))
    expect(message).toMatch(/^The Auto Scaling group of the pool gone does not exist/);
});

test('garbage collection continues a long fleet page by page over several runs, also after EC2 refused a request', async () => {
  const { aws, now, pools, table } = givenFleet({ cap: 800, running: 0 });
  const workspaces = many(620, 'persistent');
  await givenStopped(workspaces);
  const orphanInstance = async (index: number) => {
    const key = { pk: `vm#${workspaces[index]?.id}`, sk: 'vm' };
    const record = await table.get(key);
    await table.write([{ delete: key }]);
    return (record?.['machine'] as { instanceId: string } | undefined)?.instanceId ?? '';
  };
  const orphans = [await orphanInstance(3), await orphanInstance(4), await orphanInstance(610)];
  const [refused = '', ...others] = orphans;
  aws.refuse('TerminateInstances', 'OperationNotPermitted', ({ InstanceIds }) => Object(InstanceIds).includes(refused));
  const logged: string[] = [];
  const hour = Math.ceil(now() / 3_600_000) * 3_600_000;
  /** Runs the scheduled function with a clock that advances by half of its time limit at each call. */
  const runAtMinute = async (minute: number) => {
    let calls = 0;
    await maintainPools({
      pools: { ...pools, all: [] },
      rules: { table, clock: () => new Date(hour + minute * 60_000 + calls++ * 25_000) },
      log: (_, message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
    });
  };
  await runAtMinute(0);
  expect(logged.join()).not.toContain(others[1]);
  await runAtMinute(1);
  await runAtMinute(2);
  for (const id of others) expect(logged.filter((line) => line.includes(`terminated","id":"${id}`))).toHaveLength(1);
  expect(logged.filter((line) => line.includes('could not be handled'))).toHaveLength(1);
  expect(await table.get({ pk: 'sweep', sk: 'vms' })).toBeUndefined();
});

test('300 concurrent releases free every place in the pool, and are observed in batches', async () => {
  const { aws, poolWrites, outcomesOf, table } = givenFleet({ cap: 320, running: 0 });
  const workspaces = [...many(150, 'persistent'), ...many(150, 'ephemeral')];
  await outcomesOf(workspaces.map(({ start }) => start(1)));
  aws.enforceLimits();
  const ends = await outcomesOf(workspaces.map(({ stop }) => stop()));
  expect(new Set(resultsOf(ends))).toEqual(new Set(['ready']));
  expect(requestCount('DescribeInstances').done).toBeLessThan(100);
  expect(await table.get({ pk: 'vm-pool#general', sk: 'pool' })).toMatchObject({ leased: 150, waiting: 0 });
  expect(poolWrites.withoutLock).toBe(0);
});
