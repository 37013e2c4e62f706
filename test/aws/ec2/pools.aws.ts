import { CreateTagsCommand, CreateVolumeCommand, StartInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { maintainPools } from '../../../functions/schedule/pools.ts';
import { newWorkspaceId } from '../../compute/contract.ts';
import { awsError } from '../doubles/request-rules.ts';
import { openVmFixture, type VmFixture } from './fixture.ts';
import { givenWorkspace } from './workspace.ts';

const endpoint = inject('moto') ?? '';

describe.runIf(endpoint)('pools of ec2-vm', () => {
  let fixture: VmFixture;
  const given = async (
    ...[change]: Parameters<typeof openVmFixture> extends [string, ...infer Rest] ? Rest : never
  ) => {
    fixture = await openVmFixture(endpoint, change, { agents: false });
  };
  afterEach(() => fixture.close());

  const count = () => fixture.table.get({ pk: 'vm-pool#general', sk: 'pool' });
  const changes = () => fixture.aws.seen.filter(({ operation }) => !operation.startsWith('Describe'));
  /** Runs the pools' schedule at a minute at which it also repairs the fleet. */
  const runScheduleAt = async (now: Date) => {
    const logged: string[] = [];
    await maintainPools({
      pools: fixture.pools,
      rules: { table: fixture.table, clock: () => now },
      log: (_, message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
    });
    return logged;
  };
  const wholeHour = () => new Date(Math.ceil(fixture.clock.now().getTime() / 3_600_000) * 3_600_000);

  it('changes nothing in a group that has its desired size', async () => {
    await given({ spares: { running: 2, stopped: 1 } });
    fixture.aws.seen.length = 0;
    for (const _ of [1, 2]) expect(await runScheduleAt(wholeHour())).toEqual([]);
    expect(changes()).toEqual([]);
  });

  it('resizes the group by its schedule, and counts spares until they are gone', async () => {
    const hours = [
      { cron: '0 7 * * *', running: 4 },
      { cron: '0 19 * * *', running: 0, stopped: 1 },
    ];
    await given({ spares: { running: 1, stopped: 2, hours } });
    const today = wholeHour().toISOString().slice(0, 11);
    const clockTo = (hour: string) => fixture.clock.advanceTo(Date.parse(`${today}${hour}:00.000Z`) + 2 * 86_400_000);
    clockTo('07:30');
    await fixture.pools.resize(fixture.pool);
    expect(await fixture.groupSize()).toMatchObject({ desired: 4, members: { length: 4 } });
    expect(await count()).toMatchObject({ spares: 6, total: 6 });
    clockTo('19:00');
    await fixture.pools.resize(fixture.pool);
    expect(await fixture.groupSize()).toMatchObject({ desired: 0 });
    // Spares that the group still had at the time of the request count until they are gone.
    expect(await count()).toMatchObject({ spares: 6 });
    await fixture.pools.resize(fixture.pool);
    expect(await count()).toMatchObject({ spares: 1, total: 1 });
    const prepared = fixture.aws.seen.filter(({ operation }) => operation === 'PutWarmPool').map(({ input }) => input);
    expect(prepared.at(-1)).toMatchObject({ MaxGroupPreparedCapacity: 1, PoolState: 'Stopped' });
  });

  it('reduces spares while leases leave no room below the cap, and adds them again afterwards', async () => {
    await given({ cap: 4, spares: { running: 3 } });
    const workspaces = [givenWorkspace(fixture), givenWorkspace(fixture), givenWorkspace(fixture)];
    for (const { start } of workspaces) await start();
    await fixture.pools.resize(fixture.pool);
    expect(await fixture.groupSize()).toMatchObject({ desired: 1, members: { length: 1 } });
    expect(await count()).toMatchObject({ leased: 3, spares: 1, total: 4 });
    for (const { stop } of workspaces) await stop();
    await fixture.pools.resize(fixture.pool);
    expect(await fixture.groupSize()).toMatchObject({ desired: 3 });
    expect(await count()).toMatchObject({ leased: 0, spares: 3, total: 3 });
  });

  it('terminates machines without a workspace, quarantines volumes, and leaves the others alone', async () => {
    await given();
    const persistent = givenWorkspace(fixture, { mode: 'persistent' });
    const running = givenWorkspace(fixture);
    const stopped = givenWorkspace(fixture);
    for (const { start } of [persistent, running, stopped]) await start();
    for (const { stop } of [persistent, stopped]) await stop();
    const before = await Promise.all([persistent, running, stopped].map(({ leftovers }) => leftovers()));
    const { InstanceId: woken = '' } = await persistent.machine();
    const spares = (await fixture.groupSize()).members;

    const unknown = newWorkspaceId();
    const Tags = [
      { Key: 'berth:installation', Value: fixture.settings.installation },
      { Key: 'berth:workspace', Value: unknown },
    ];
    const launched = givenWorkspace(fixture, { size: 'm5a.large' });
    await launched.start();
    const { InstanceId: leaked = '' } = await launched.machine();
    await fixture.plain.send(new CreateTagsCommand({ Resources: [leaked], Tags }));
    const zone = fixture.pool.subnets[0]?.zone ?? '';
    const TagSpecifications = [{ ResourceType: 'volume' as const, Tags }];
    await fixture.plain.send(new CreateVolumeCommand({ AvailabilityZone: zone, Size: 1, TagSpecifications }));
    await fixture.plain.send(new StartInstancesCommand({ InstanceIds: [woken] }));

    // A new volume may be one that a start has not recorded yet.
    const early = await runScheduleAt(wholeHour());
    expect(early.join()).toMatch(new RegExp(`terminated.*${leaked}`));
    expect(early.join()).toMatch(new RegExp(`stopped.*${woken}`));
    expect(await fixture.volumesOf(unknown)).toHaveLength(1);
    fixture.clock.advance(700_000);
    expect((await runScheduleAt(wholeHour())).join()).toMatch(new RegExp(`quarantined.*${unknown}`));
    expect(await fixture.volumesOf(unknown)).toHaveLength(1);
    const reported = await fixture.table.query({ pk: 'unowned-homes', limit: 10 });
    expect(reported.items).toMatchObject([{ workspaceId: unknown, kind: 'ec2-vm', since: expect.any(String) }]);
    expect(await runScheduleAt(wholeHour())).toEqual([]);

    expect(await Promise.all([persistent, running, stopped].map(({ leftovers }) => leftovers()))).toEqual(before);
    expect((await fixture.groupSize()).members.sort()).toEqual(spares.sort());
  });

  it('continues when one part fails, and logs the failure', async () => {
    await given();
    fixture.aws.once('DescribeAutoScalingGroups', async () => {
      throw awsError('ServiceUnavailable', 'try later', 503);
    });
    const logged = await runScheduleAt(wholeHour());
    expect(logged).toEqual([expect.stringMatching(/a part of the pool maintenance failed.*general/)]);
    expect(fixture.aws.count('DescribeInstances')).toBe(1);
  });
});
