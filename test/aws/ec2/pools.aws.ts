import { CreateTagsCommand, CreateVolumeCommand, StartInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { keepPools } from '../../../functions/schedule/pools.ts';
import { newWorkspaceId } from '../../compute/contract.ts';
import { awsError } from '../doubles/request-rules.ts';
import { openVmWorld, type VmWorld } from './fixture.ts';
import { givenWorkspace } from './workspace.ts';

const endpoint = inject('moto') ?? '';

describe.runIf(endpoint)('pools of ec2-vm', () => {
  let world: VmWorld;
  const given = async (...[change]: Parameters<typeof openVmWorld> extends [string, ...infer Rest] ? Rest : never) => {
    world = await openVmWorld(endpoint, change, { agents: false });
  };
  afterEach(() => world.close());

  const count = () => world.table.get({ pk: 'vm-pool#general', sk: 'pool' });
  const changes = () => world.aws.seen.filter(({ operation }) => !operation.startsWith('Describe'));
  /** As its schedule calls it, at a minute that also heals. */
  const keptAt = async (now: Date) => {
    const logged: string[] = [];
    await keepPools({
      pools: world.pools,
      rules: { table: world.table, clock: () => now },
      log: (_, message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
    });
    return logged;
  };
  const wholeHour = () => new Date(Math.ceil(world.clock.now().getTime() / 3_600_000) * 3_600_000);

  it('changes nothing of a group that is as it should be', async () => {
    await given({ spares: { running: 2, stopped: 1 } });
    world.aws.seen.length = 0;
    for (const _ of [1, 2]) expect(await keptAt(wholeHour())).toEqual([]);
    expect(changes()).toEqual([]);
  });

  it('follows the schedule up and down, and allows no more than the group may hold', async () => {
    const hours = [
      { cron: '0 7 * * *', running: 4 },
      { cron: '0 19 * * *', running: 0, stopped: 1 },
    ];
    await given({ spares: { running: 1, stopped: 2, hours } });
    const today = wholeHour().toISOString().slice(0, 11);
    const clockTo = (hour: string) => world.clock.until(Date.parse(`${today}${hour}:00.000Z`) + 2 * 86_400_000);
    clockTo('07:30');
    await world.pools.resize(world.pool);
    expect(await world.groupSize()).toMatchObject({ desired: 4, members: { length: 4 } });
    expect(await count()).toMatchObject({ spares: 6, total: 6 });
    clockTo('19:00');
    await world.pools.resize(world.pool);
    expect(await world.groupSize()).toMatchObject({ desired: 0 });
    // What the group still held when it was looked at stays allowed until it is gone.
    expect(await count()).toMatchObject({ spares: 6 });
    await world.pools.resize(world.pool);
    expect(await count()).toMatchObject({ spares: 1, total: 1 });
    const prepared = world.aws.seen.filter(({ operation }) => operation === 'PutWarmPool').map(({ input }) => input);
    expect(prepared.at(-1)).toMatchObject({ MaxGroupPreparedCapacity: 1, PoolState: 'Stopped' });
  });

  it('keeps fewer spares when leases leave no more room below the cap, and more again afterwards', async () => {
    await given({ cap: 4, spares: { running: 3 } });
    const workspaces = [givenWorkspace(world), givenWorkspace(world), givenWorkspace(world)];
    for (const { start } of workspaces) await start();
    await world.pools.resize(world.pool);
    expect(await world.groupSize()).toMatchObject({ desired: 1, members: { length: 1 } });
    expect(await count()).toMatchObject({ leased: 3, spares: 1, total: 4 });
    for (const { stop } of workspaces) await stop();
    await world.pools.resize(world.pool);
    expect(await world.groupSize()).toMatchObject({ desired: 3 });
    expect(await count()).toMatchObject({ leased: 0, spares: 3, total: 3 });
  });

  it('takes away what no workspace names, and nothing else', async () => {
    await given();
    const persistent = givenWorkspace(world, { mode: 'persistent' });
    const running = givenWorkspace(world);
    const stopped = givenWorkspace(world);
    for (const { start } of [persistent, running, stopped]) await start();
    for (const { stop } of [persistent, stopped]) await stop();
    const kept = await Promise.all([persistent, running, stopped].map(({ leftovers }) => leftovers()));
    const { InstanceId: woken = '' } = await persistent.machine();
    const spares = (await world.groupSize()).members;

    const stranger = newWorkspaceId();
    const Tags = [
      { Key: 'berth:installation', Value: world.settings.installation },
      { Key: 'berth:workspace', Value: stranger },
    ];
    const launched = givenWorkspace(world, { size: 'm5a.large' });
    await launched.start();
    const { InstanceId: leaked = '' } = await launched.machine();
    await world.plain.send(new CreateTagsCommand({ Resources: [leaked], Tags }));
    const zone = world.pool.subnets[0]?.zone ?? '';
    const TagSpecifications = [{ ResourceType: 'volume' as const, Tags }];
    await world.plain.send(new CreateVolumeCommand({ AvailabilityZone: zone, Size: 1, TagSpecifications }));
    await world.plain.send(new StartInstancesCommand({ InstanceIds: [woken] }));

    // A volume this young may be one that is just being written down.
    const early = await keptAt(wholeHour());
    expect(early.join()).toMatch(new RegExp(`terminated.*${leaked}`));
    expect(early.join()).toMatch(new RegExp(`stopped.*${woken}`));
    expect(await world.volumesOf(stranger)).toHaveLength(1);
    world.clock.forward(700_000);
    expect((await keptAt(wholeHour())).join()).toMatch(new RegExp(`quarantined.*${stranger}`));
    expect(await world.volumesOf(stranger)).toHaveLength(1);
    const reported = await world.table.query({ pk: 'unowned-homes', limit: 10 });
    expect(reported.items).toMatchObject([{ workspaceId: stranger, kind: 'ec2-vm', since: expect.any(String) }]);
    expect(await keptAt(wholeHour())).toEqual([]);

    expect(await Promise.all([persistent, running, stopped].map(({ leftovers }) => leftovers()))).toEqual(kept);
    expect((await world.groupSize()).members.sort()).toEqual(spares.sort());
  });

  it('goes on when a part of it fails, and says so', async () => {
    await given();
    world.aws.once('DescribeAutoScalingGroups', async () => {
      throw awsError('ServiceUnavailable', 'try later', 503);
    });
    const logged = await keptAt(wholeHour());
    expect(logged).toEqual([expect.stringMatching(/keeping the VM pools failed.*general/)]);
    expect(world.aws.count('DescribeInstances')).toBe(1);
  });
});
