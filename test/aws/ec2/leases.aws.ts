import { DetachInstancesCommand } from '@aws-sdk/client-auto-scaling';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { deleted } from '../../compute/contract.ts';
import { openVmFixture, type VmFixture } from './fixture.ts';
import { givenWorkspace, untilSettled } from './workspace.ts';

const endpoint = inject('moto') ?? '';
const leaseKey = (instanceId = '') => ({ pk: `lease#${instanceId}`, sk: 'lease' });

describe.runIf(endpoint)('leases of ec2-vm', () => {
  let fixture: VmFixture;
  const given = async (...args: Parameters<typeof openVmFixture> extends [string, ...infer Rest] ? Rest : never) => {
    fixture = await openVmFixture(endpoint, ...args);
  };
  afterEach(() => fixture.close());

  it('leases each machine to one workspace when twenty start at once with five spares', async () => {
    await given({ cap: 40, spares: { running: 5 } }, { agents: false });
    const spares = (await fixture.groupSize()).members;
    const workspaces = Array.from({ length: 20 }, () => givenWorkspace(fixture));
    await Promise.all(workspaces.map(({ start }) => start()));
    const machines = await Promise.all(workspaces.map(async ({ machine }) => (await machine()).InstanceId));
    expect(new Set(machines).size).toBe(20);
    expect(machines).toEqual(expect.arrayContaining(spares));
    for (const [at, { id }] of workspaces.entries()) {
      expect(await fixture.table.get(leaseKey(machines[at]))).toMatchObject({ workspaceId: id, buildId: `${id}-b1` });
    }
  });

  it('never exceeds the cap with spares and leases together, and refuses the other starts', async () => {
    await given({ cap: 6, spares: { running: 3 } }, { agents: false });
    const most = { seen: 0 };
    fixture.aws.changed(async () => {
      most.seen = Math.max(most.seen, (await fixture.living()).length);
    });
    const workspaces = Array.from({ length: 9 }, () => givenWorkspace(fixture));
    const ends = await Promise.allSettled(workspaces.map(({ start }) => start()));
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as Error] : []));
    expect(refused).toHaveLength(3);
    for (const error of refused) {
      expect(error).toMatchObject({ name: 'compute_failed', message: expect.stringMatching(/All 6 VMs.*are in use/) });
    }
    expect(most.seen).toBe(6);
    // A machine that the group must not replace leaves it only after its warm pool was reduced.
    const leaving = fixture.aws.seen.findIndex(({ input }) => input['ShouldDecrementDesiredCapacity'] === true);
    const reduced = fixture.aws.seen.slice(0, leaving).findLast(({ operation }) => operation === 'PutWarmPool');
    expect(reduced?.input['MaxGroupPreparedCapacity']).toBeLessThan(3);
    for (const { destroy } of workspaces) await destroy();
    await fixture.pools.resize(fixture.pool);
    expect(await fixture.table.get({ pk: 'vm-pool#general', sk: 'pool' })).toMatchObject({ leased: 0, total: 3 });
  });

  it('has a group that replaces each machine once when many leave at the same time', async () => {
    await given({ cap: 40, spares: { running: 12 } }, { agents: false });
    const { members } = await fixture.groupSize();
    const AutoScalingGroupName = fixture.pool.autoScalingGroup;
    const detach = (id: string) =>
      fixture.scaling.send(
        new DetachInstancesCommand({ AutoScalingGroupName, InstanceIds: [id], ShouldDecrementDesiredCapacity: false }),
      );
    await Promise.all(members.map(detach));
    expect((await fixture.groupSize()).members).toHaveLength(12);
    expect(await fixture.living()).toHaveLength(24);
  });

  it('starts a workspace with few requests, none of which lists the whole fleet', async () => {
    await given();
    const { seen } = fixture.aws;
    seen.length = 0;
    await givenWorkspace(fixture).start();
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

  it('tags the machine and detaches it from the group, which replaces it', async () => {
    await given();
    const before = await fixture.groupSize();
    const workspace = givenWorkspace(fixture, { tags: { team: 'payments' } });
    await workspace.start();
    const machine = await workspace.machine();
    expect(before.members).toContain(machine.InstanceId);
    const after = await fixture.groupSize();
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
    expect(JSON.stringify(fixture.aws.seen)).not.toContain('the-secret-token');
  });

  it('does not lease a machine again even if AWS still lists it late', async () => {
    await given({ spares: { running: 1 } });
    const first = givenWorkspace(fixture);
    await first.start();
    const { InstanceId = '' } = await first.machine();
    await first.stop();
    expect(await first.machines()).toEqual([]);
    const lease = await fixture.table.get(leaseKey(InstanceId));
    expect(lease).toMatchObject({ state: 'ended', expires: expect.any(Number) });
    expect(lease).not.toHaveProperty('workspaceId');

    fixture.aws.rule('DescribeAutoScalingGroups', async (_, pass) => {
      const output = await pass();
      const [group] = output['AutoScalingGroups'] as { Instances: object[] }[];
      group?.Instances.unshift({
        InstanceId,
        InstanceType: 'm5.large',
        AvailabilityZone: fixture.pool.subnets[0]?.zone,
        LifecycleState: 'InService',
        HealthStatus: 'Healthy',
      });
      return output;
    });
    const others = [givenWorkspace(fixture), givenWorkspace(fixture), givenWorkspace(fixture)];
    for (const { start } of others) await start();
    for (const { machine } of others) expect((await machine()).InstanceId).not.toBe(InstanceId);
  });

  it('waits for a machine of the warm pool when no spare runs, and then lowers the desired capacity', async () => {
    await given({ spares: { running: 0, stopped: 3 } });
    const warm = (instanceId: string) => ({
      InstanceId: instanceId,
      InstanceType: 'm5.large',
      AvailabilityZone: fixture.pool.subnets[0]?.zone,
      LifecycleState: 'Warmed:Stopped',
      HealthStatus: 'Healthy',
    });
    fixture.aws.rule('DescribeWarmPool', async () => ({ Instances: ['i-1', 'i-2', 'i-3'].map(warm) }));
    fixture.aws.rule('DescribeAutoScalingGroups', async (_, pass) => {
      const output = await pass();
      for (const group of output['AutoScalingGroups'] as { WarmPoolSize?: number }[]) group.WarmPoolSize = 3;
      return output;
    });
    const workspaces = [givenWorkspace(fixture), givenWorkspace(fixture)];
    await Promise.all(workspaces.map(({ start }) => start()));
    expect(fixture.aws.count('RunInstances')).toBe(0);
    expect(await fixture.groupSize()).toEqual({ desired: 0, members: [] });
    expect(await fixture.table.get({ pk: 'vm-pool#general', sk: 'pool' })).toMatchObject({ waiting: 0, leased: 2 });
  });

  it('stops waiting for a machine when the start is canceled', async () => {
    await given({ spares: { running: 0, stopped: 1 } });
    fixture.aws.rule('SetDesiredCapacity', async () => ({}));
    fixture.aws.rule('DescribeAutoScalingGroups', async (_, pass) => {
      const output = await pass();
      const [group] = output['AutoScalingGroups'] as { Instances: object[] }[];
      const zone = fixture.pool.subnets[0]?.zone;
      const booting = { LifecycleState: 'Pending', HealthStatus: 'Healthy', AvailabilityZone: zone };
      group?.Instances.push({ InstanceId: 'i-0', InstanceType: 'm5.large', ...booting });
      return output;
    });
    const workspace = givenWorkspace(fixture);
    for (let calls = 0; calls < 4; calls++) await workspace.apply();
    expect(await workspace.observe()).toMatchObject({ state: 'starting' });
    await workspace.stop();
    expect(await workspace.observe()).toMatchObject({ state: 'stopped' });
    expect(await fixture.table.get({ pk: 'vm-pool#general', sk: 'pool' })).toMatchObject({ waiting: 0, leased: 0 });
    await untilSettled(fixture, () => fixture.kind.destroy(deleted(workspace.id)));
    expect(await workspace.observe()).toMatchObject({ state: 'absent' });
  });
});
