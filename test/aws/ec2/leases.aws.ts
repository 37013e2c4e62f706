import { DetachInstancesCommand } from '@aws-sdk/client-auto-scaling';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { deleted } from '../../compute/contract.ts';
import { openVmWorld, type VmWorld } from './fixture.ts';
import { drive, givenWorkspace } from './workspace.ts';

const endpoint = inject('moto') ?? '';
const leaseKey = (instanceId = '') => ({ pk: `lease#${instanceId}`, sk: 'lease' });

describe.runIf(endpoint)('leases of ec2-vm', () => {
  let world: VmWorld;
  const given = async (...args: Parameters<typeof openVmWorld> extends [string, ...infer Rest] ? Rest : never) => {
    world = await openVmWorld(endpoint, ...args);
  };
  afterEach(() => world.close());

  it('never gives one machine to two of twenty workspaces that ask at once for five spares', async () => {
    await given({ cap: 40, spares: { running: 5 } }, { agents: false });
    const spares = (await world.groupSize()).members;
    const workspaces = Array.from({ length: 20 }, () => givenWorkspace(world));
    await Promise.all(workspaces.map(({ start }) => start()));
    const machines = await Promise.all(workspaces.map(async ({ machine }) => (await machine()).InstanceId));
    expect(new Set(machines).size).toBe(20);
    expect(machines).toEqual(expect.arrayContaining(spares));
    for (const [at, { id }] of workspaces.entries()) {
      expect(await world.table.get(leaseKey(machines[at]))).toMatchObject({ workspaceId: id, buildId: `${id}-b1` });
    }
  });

  it('never has more machines than the cap, spares and leases together, and tells the others that it is full', async () => {
    await given({ cap: 6, spares: { running: 3 } }, { agents: false });
    const most = { seen: 0 };
    world.aws.changed(async () => {
      most.seen = Math.max(most.seen, (await world.living()).length);
    });
    const workspaces = Array.from({ length: 9 }, () => givenWorkspace(world));
    const ends = await Promise.allSettled(workspaces.map(({ start }) => start()));
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as Error] : []));
    expect(refused).toHaveLength(3);
    for (const error of refused) {
      expect(error).toMatchObject({ name: 'compute_failed', message: expect.stringMatching(/All 6 VMs.*are in use/) });
    }
    expect(most.seen).toBe(6);
    // A machine that the group is not to replace leaves it only after its warm pool was told to hold fewer.
    const leaving = world.aws.seen.findIndex(({ input }) => input['ShouldDecrementDesiredCapacity'] === true);
    const told = world.aws.seen.slice(0, leaving).findLast(({ operation }) => operation === 'PutWarmPool');
    expect(told?.input['MaxGroupPreparedCapacity']).toBeLessThan(3);
    for (const { destroy } of workspaces) await destroy();
    await world.pools.resize(world.pool);
    expect(await world.table.get({ pk: 'vm-pool#general', sk: 'pool' })).toMatchObject({ leased: 0, total: 3 });
  });

  it('has a group that replaces each machine once, however many leave it at the same time', async () => {
    await given({ cap: 40, spares: { running: 12 } }, { agents: false });
    const { members } = await world.groupSize();
    const AutoScalingGroupName = world.pool.autoScalingGroup;
    const detach = (id: string) =>
      world.scaling.send(
        new DetachInstancesCommand({ AutoScalingGroupName, InstanceIds: [id], ShouldDecrementDesiredCapacity: false }),
      );
    await Promise.all(members.map(detach));
    expect((await world.groupSize()).members).toHaveLength(12);
    expect(await world.living()).toHaveLength(24);
  });

  it('takes an ordinary start few requests, none of which looks at the whole fleet', async () => {
    await given();
    const { seen } = world.aws;
    seen.length = 0;
    await givenWorkspace(world).start();
    const counted = Object.groupBy(seen, ({ operation }) => operation);
    const counts = Object.fromEntries(Object.entries(counted).map(([name, calls = []]) => [name, calls.length]));
    expect(counts).toEqual({
      DescribeAutoScalingGroups: 1,
      DetachInstances: 1,
      ModifyInstanceMetadataOptions: 1,
      CreateVolume: 1,
      CreateTags: 1,
      AttachVolume: 1,
      DescribeInstances: 3,
      DescribeVolumes: 3,
    });
    for (const { operation, input } of seen) {
      if (!operation.startsWith('Describe')) continue;
      const bounds = [input['AutoScalingGroupNames'], input['InstanceIds'], input['VolumeIds'], input['Filters']];
      expect(bounds.flat().filter(Boolean), operation).not.toEqual([]);
    }
  });

  it('marks the machine and takes it out of the group, which replaces it', async () => {
    await given();
    const before = await world.groupSize();
    const workspace = givenWorkspace(world, { tags: { team: 'payments' } });
    await workspace.start();
    const machine = await workspace.machine();
    expect(before.members).toContain(machine.InstanceId);
    const after = await world.groupSize();
    expect(after).toMatchObject({ desired: 2, members: expect.not.arrayContaining([machine.InstanceId]) });
    expect(after.members).toHaveLength(2);
    expect(machine.MetadataOptions).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
    const tags = Object.fromEntries((machine.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
    expect(tags).toMatchObject({
      'berth:workspace': workspace.id,
      'berth:owner': 'ada',
      'berth:template': 'quickstart',
      'berth:pool': 'general',
      'cost-centre': 'cc-7',
      team: 'payments',
    });
    expect(JSON.stringify(world.aws.seen)).not.toContain('the-secret-token');
  });

  it('never leases a machine again, however late AWS still offers it', async () => {
    await given({ spares: { running: 1 } });
    const first = givenWorkspace(world);
    await first.start();
    const { InstanceId = '' } = await first.machine();
    await first.stop();
    expect(await first.machines()).toEqual([]);
    const lease = await world.table.get(leaseKey(InstanceId));
    expect(lease).toMatchObject({ state: 'ended', expires: expect.any(Number) });
    expect(lease).not.toHaveProperty('workspaceId');

    world.aws.rule('DescribeAutoScalingGroups', async (_, pass) => {
      const output = await pass();
      const [group] = output['AutoScalingGroups'] as { Instances: object[] }[];
      group?.Instances.unshift({
        InstanceId,
        InstanceType: 'm5.large',
        AvailabilityZone: world.pool.subnets[0]?.zone,
        LifecycleState: 'InService',
        HealthStatus: 'Healthy',
      });
      return output;
    });
    const others = [givenWorkspace(world), givenWorkspace(world), givenWorkspace(world)];
    for (const { start } of others) await start();
    for (const { machine } of others) expect((await machine()).InstanceId).not.toBe(InstanceId);
  });

  it('waits for a machine of the warm pool when no spare runs, and lets the group run no more afterwards', async () => {
    await given({ spares: { running: 0, stopped: 3 } });
    const warm = (instanceId: string) => ({
      InstanceId: instanceId,
      InstanceType: 'm5.large',
      AvailabilityZone: world.pool.subnets[0]?.zone,
      LifecycleState: 'Warmed:Stopped',
      HealthStatus: 'Healthy',
    });
    world.aws.rule('DescribeWarmPool', async () => ({ Instances: ['i-1', 'i-2', 'i-3'].map(warm) }));
    world.aws.rule('DescribeAutoScalingGroups', async (_, pass) => {
      const output = await pass();
      for (const group of output['AutoScalingGroups'] as { WarmPoolSize?: number }[]) group.WarmPoolSize = 3;
      return output;
    });
    const workspaces = [givenWorkspace(world), givenWorkspace(world)];
    await Promise.all(workspaces.map(({ start }) => start()));
    expect(world.aws.count('RunInstances')).toBe(0);
    expect(await world.groupSize()).toEqual({ desired: 0, members: [] });
    expect(await world.table.get({ pk: 'vm-pool#general', sk: 'pool' })).toMatchObject({ waiting: 0, leased: 2 });
  });

  it('gives up a wait that was canceled', async () => {
    await given({ spares: { running: 0, stopped: 1 } });
    world.aws.rule('SetDesiredCapacity', async () => ({}));
    world.aws.rule('DescribeAutoScalingGroups', async (_, pass) => {
      const output = await pass();
      const [group] = output['AutoScalingGroups'] as { Instances: object[] }[];
      const zone = world.pool.subnets[0]?.zone;
      const booting = { LifecycleState: 'Pending', HealthStatus: 'Healthy', AvailabilityZone: zone };
      group?.Instances.push({ InstanceId: 'i-0', InstanceType: 'm5.large', ...booting });
      return output;
    });
    const workspace = givenWorkspace(world);
    for (let calls = 0; calls < 4; calls++) await workspace.apply();
    expect(await workspace.observe()).toMatchObject({ state: 'starting' });
    await workspace.stop();
    expect(await workspace.observe()).toMatchObject({ state: 'stopped' });
    expect(await world.table.get({ pk: 'vm-pool#general', sk: 'pool' })).toMatchObject({ waiting: 0, leased: 0 });
    await drive(world, () => world.kind.destroy(deleted(workspace.id)));
    expect(await workspace.observe()).toMatchObject({ state: 'absent' });
  });
});
