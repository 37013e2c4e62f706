import { afterEach, expect, test } from 'vitest';
import { acquireWorkerLock } from '../../../compute/ec2/worker/worker-lock.ts';
import { keepPools } from '../../../functions/schedule/pools.ts';
import { simulatedFleet } from './fixture.ts';

let fleet: ReturnType<typeof simulatedFleet>;
const givenFleet = (options: Parameters<typeof simulatedFleet>[0]) => {
  fleet = simulatedFleet(options);
  return fleet;
};
afterEach(() => fleet.table.close());

const many = (count: number, mode: 'persistent' | 'ephemeral') =>
  Array.from({ length: count }, () => fleet.givenWorkspace(mode));
const outcomes = (ends: PromiseSettledResult<unknown>[]) =>
  ends.map((end) => (end.status === 'rejected' ? (end.reason as Error).message : 'ready'));
const requestCount = (operation: string) => fleet.aws.counts.get(operation) ?? { done: 0, throttled: 0 };
const givenStopped = async (workspaces: ReturnType<typeof many>) => {
  await fleet.ended(workspaces.map(({ start }) => start(1)));
  await fleet.ended(workspaces.map(({ stop }) => stop()));
};

test('300 starts at once all end ready, within the limits of AWS and of the pool', async () => {
  const { aws, counting, ended, keepPoolsFor, startWithin } = givenFleet({ cap: 320, running: 10 });
  const workspaces = [...many(120, 'persistent'), ...many(90, 'ephemeral')];
  keepPoolsFor(1);
  await givenStopped(workspaces);
  keepPoolsFor(2);
  await fleet.run();

  aws.limit();
  keepPoolsFor(10);
  Object.assign(counting, { held: 0, free: 0 });
  const ends = await ended(startWithin(1_000, [...workspaces, ...many(90, 'ephemeral')]));
  expect(new Set(outcomes(ends))).toEqual(new Set(['ready']));
  expect(aws.most()).toBeLessThanOrEqual(320);
  const throttled = [...aws.counts.values()].reduce((sum, count) => sum + count.throttled, 0);
  expect(throttled).toBeLessThan(10);
  expect(requestCount('StartInstances').done).toBeLessThan(60);
  expect(requestCount('DetachInstances').done).toBeLessThan(90);
  expect(requestCount('RunInstances').done).toBeLessThan(120);
  expect(await fleet.table.get({ pk: 'vm-pool#general', sk: 'pool' })).toMatchObject({ leased: 300, waiting: 0 });
  // One after the other, as all of them count in one item.
  expect(counting).toEqual({ held: expect.any(Number), free: 0 });
  expect(counting.held).toBeGreaterThan(179);
});

test('a start in the queue is told how many are ahead, and fewer and fewer', async () => {
  const { aws, ended, startWithin } = givenFleet({ cap: 300, running: 0 });
  aws.limit();
  const ends = await ended(startWithin(0, many(200, 'ephemeral')));
  const last = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : [])).sort((a, b) => b.ms - a.ms)[0];
  const ahead = (last?.told ?? [])
    .flatMap(({ detail }) => /About (\d+) starts are ahead/.exec(detail)?.[1] ?? [])
    .map(Number);
  expect(ahead.length).toBeGreaterThan(3);
  expect(ahead[0]).toBeGreaterThan(100);
  expect(ahead).toEqual(ahead.toSorted((a, b) => b - a));
});

test('as many as the cap leaves room for are ready, and each of the others is told that the pool is full', async () => {
  const { aws, ended, startWithin } = givenFleet({ cap: 60, running: 5 });
  aws.limit();
  const told = outcomes(await ended(startWithin(1_000, many(80, 'ephemeral'))));
  expect(told.filter((outcome) => outcome === 'ready')).toHaveLength(60);
  expect(told.filter((outcome) => /^All 60 VMs of the pool general are in use/.test(outcome))).toHaveLength(20);
  expect(aws.most()).toBe(60);
});

test('a start waits as long as the queue moves, longer than the patience for one', async () => {
  const { ended, startWithin, aws } = givenFleet({ cap: 1_000, running: 0, bootMs: 290_000 });
  aws.limit();
  const ends = await ended(startWithin(1_000, many(920, 'ephemeral')));
  expect(new Set(outcomes(ends))).toEqual(new Set(['ready']));
  const longest = Math.max(...ends.map((end) => (end.status === 'fulfilled' ? end.value.ms : 0)));
  expect(longest).toBeGreaterThan(15 * 60_000);
});

test('a machine that EC2 refuses to start holds up none of its batch, and becomes another type', async () => {
  const { aws, ended, startWithin, table } = givenFleet({ cap: 50, running: 0 });
  const workspaces = many(30, 'persistent');
  await givenStopped(workspaces);
  const record = await table.get({ pk: `vm#${workspaces[4]?.id}`, sk: 'vm' });
  const { instanceId } = Object(record?.['machine']) as { instanceId: string };
  aws.refuse('StartInstances', 'InsufficientInstanceCapacity', ({ InstanceIds }) => {
    return (InstanceIds as string[]).includes(instanceId) && !aws.resized.has(instanceId);
  });
  aws.limit();
  expect(new Set(outcomes(await ended(startWithin(0, workspaces))))).toEqual(new Set(['ready']));
  expect([...aws.resized]).toEqual([[instanceId, 'm7g.xlarge']]);
  expect(requestCount('StartInstances').done).toBeLessThan(15);
});

test('a worker that dies with the turn in its hands holds the others up for less than a minute', async () => {
  const { ended, keepPoolsFor, now, startWithin, table } = givenFleet({ cap: 50, running: 2 });
  keepPoolsFor(1);
  await fleet.run();
  const start = async () => {
    const [end] = await ended(startWithin(0, many(1, 'ephemeral')));
    return end?.status === 'fulfilled' ? end.value.ms : Number.NaN;
  };
  await start();
  const usual = await start();
  expect((await acquireWorkerLock(table, 'starts', () => now() + 1_000)).release).toBeDefined();
  const late = await start();
  expect(late).toBeGreaterThan(20_000);
  expect(late).toBeLessThan(usual + 55_000);
});

test('a pool whose group is not there fails its own starts in words, and those alone', async () => {
  const { ended, givenWorkspace } = givenFleet({ cap: 50, running: 0 });
  const driven = Array.from({ length: 6 }, (_, at) =>
    givenWorkspace('ephemeral', at % 2 ? 'gone' : 'general').start(1),
  );
  const told = outcomes(await ended(driven));
  expect(told.filter((_, at) => at % 2 === 0)).toEqual(['ready', 'ready', 'ready']);
  for (const said of told.filter((_, at) => at % 2 === 1))
    expect(said).toMatch(/^The Auto Scaling group of the pool gone does not exist/);
});

test('a fleet that is longer than there is time for is healed page by page, and what EC2 refuses holds up nothing', async () => {
  const { aws, now, pools, table } = givenFleet({ cap: 800, running: 0 });
  const workspaces = many(620, 'persistent');
  await givenStopped(workspaces);
  const leak = async (place: number) => {
    const key = { pk: `vm#${workspaces[place]?.id}`, sk: 'vm' };
    const record = await table.get(key);
    await table.write([{ delete: key }]);
    return (record?.['machine'] as { instanceId: string } | undefined)?.instanceId ?? '';
  };
  const leaked = [await leak(3), await leak(4), await leak(610)];
  const [refused = '', ...others] = leaked;
  aws.refuse('TerminateInstances', 'OperationNotPermitted', ({ InstanceIds }) => Object(InstanceIds).includes(refused));
  const logged: string[] = [];
  const hour = Math.ceil(now() / 3_600_000) * 3_600_000;
  /** A function for which each look at the clock is half its time. */
  const turn = async (minute: number) => {
    let looks = 0;
    await keepPools({
      pools: { ...pools, all: [] },
      rules: { table, clock: () => new Date(hour + minute * 60_000 + looks++ * 25_000) },
      log: (_, message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
    });
  };
  await turn(0);
  expect(logged.join()).not.toContain(others[1]);
  await turn(1);
  await turn(2);
  for (const id of others) expect(logged.filter((line) => line.includes(`terminated","id":"${id}`))).toHaveLength(1);
  expect(logged.filter((line) => line.includes('could not be taken care of'))).toHaveLength(1);
  expect(await table.get({ pk: 'sweep', sk: 'vms' })).toBeUndefined();
});

test('300 that end at once give back every place, and are looked at together', async () => {
  const { aws, counting, ended, table } = givenFleet({ cap: 320, running: 0 });
  const workspaces = [...many(150, 'persistent'), ...many(150, 'ephemeral')];
  await ended(workspaces.map(({ start }) => start(1)));
  aws.limit();
  const ends = await ended(workspaces.map(({ stop }) => stop()));
  expect(new Set(outcomes(ends))).toEqual(new Set(['ready']));
  expect(requestCount('DescribeInstances').done).toBeLessThan(100);
  expect(await table.get({ pk: 'vm-pool#general', sk: 'pool' })).toMatchObject({ leased: 150, waiting: 0 });
  expect(counting.free).toBe(0);
});
