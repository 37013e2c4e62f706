import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { awsError, type Rule } from '../doubles/request-rules.ts';
import { openVmFixture, type VmFixture } from './fixture.ts';
import { givenWorkspace } from './workspace.ts';

const endpoint = inject('moto') ?? '';

describe.runIf(endpoint)('capacity and homes of ec2-vm', () => {
  let fixture: VmFixture;
  let zones: string[];
  beforeEach(async () => {
    fixture = await openVmFixture(endpoint, { spares: { running: 0 } }, { agents: false });
    zones = fixture.pool.subnets.map(({ zone }) => zone);
  });
  afterEach(() => fixture.close());

  const subnetIn = (zone: string) => fixture.pool.subnets.find((subnet) => subnet.zone === zone)?.id;
  const subnetOf = ({ NetworkInterfaces }: Record<string, unknown>) =>
    (NetworkInterfaces as { SubnetId: string }[])[0]?.SubnetId;
  const refuses = (code: string, when: (input: Record<string, unknown>) => boolean): Rule => {
    return async (input, pass) => {
      if (when(input)) throw awsError(code, code, code === 'InsufficientInstanceCapacity' ? 500 : 400);
      return pass();
    };
  };
  const launched = () =>
    fixture.aws.seen
      .filter(({ operation }) => operation === 'RunInstances')
      .map(({ input }) => `${input['InstanceType']} ${subnetOf(input)}`);
  const volumeOf = async (id: string) => (await fixture.volumesOf(id))[0];

  it('tries the next zone, then the next instance type, until one has capacity', async () => {
    fixture.aws.rule(
      'RunInstances',
      refuses('InsufficientInstanceCapacity', ({ InstanceType }) => InstanceType === 'm5.large'),
    );
    const workspace = givenWorkspace(fixture);
    await workspace.start();
    expect((await workspace.machine()).InstanceType).toBe('m5a.large');
    expect(launched().map((tried) => tried.split(' ')[0])).toEqual(['m5.large', 'm5.large', 'm5a.large']);
    expect(new Set(launched().slice(0, 2)).size).toBe(2);
  });

  it('does not try an instance type again after its quota is exceeded', async () => {
    fixture.aws.rule(
      'RunInstances',
      refuses('VcpuLimitExceeded', ({ InstanceType }) => InstanceType === 'm5.large'),
    );
    await givenWorkspace(fixture).start();
    expect(launched().map((tried) => tried.split(' ')[0])).toEqual(['m5.large', 'm5a.large']);
  });

  it('fails with what was tried and what to do when there is no capacity, and leaves no resources', async () => {
    fixture.aws.rule(
      'RunInstances',
      refuses('InsufficientInstanceCapacity', () => true),
    );
    const workspace = givenWorkspace(fixture, { size: 'm5a.large' });
    await expect(workspace.start()).rejects.toMatchObject({
      name: 'compute_failed',
      message: expect.stringMatching(
        /^No VM is available in the pool general \(m5a\.large in .*: AWS has no capacity; m5a\.large in .*\)\. Try again/,
      ),
    });
    await workspace.stop();
    expect(await workspace.leftovers()).toEqual([]);
    expect(await fixture.table.get({ pk: 'vm-pool#general', sk: 'pool' })).toMatchObject({ leased: 0, total: 0 });
  });

  it('starts later machines in the zone of the home, and names the zone when it has no capacity', async () => {
    const [first = '', second = ''] = zones;
    const inFirst = refuses('InsufficientInstanceCapacity', (input) => subnetOf(input) === subnetIn(first));
    const restore = fixture.aws.rule('RunInstances', inFirst);
    const workspace = givenWorkspace(fixture);
    await workspace.start();
    const home = await volumeOf(workspace.id);
    expect((await workspace.machine()).Placement?.AvailabilityZone).toBe(second);
    await workspace.stop();
    restore();

    await workspace.start(2);
    const machine = await workspace.machine();
    expect(machine.Placement?.AvailabilityZone).toBe(second);
    expect(await fixture.volumesOf(workspace.id)).toEqual([home]);
    expect(machine.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId)).toContain(home);
    await workspace.stop();

    fixture.aws.rule(
      'RunInstances',
      refuses('InsufficientFreeAddressesInSubnet', (input) => subnetOf(input) === subnetIn(second)),
    );
    await expect(workspace.start(3)).rejects.toThrow(
      new RegExp(`no free IP address.*The home is in ${second}, so no other zone was tried.*larger subnets`),
    );
  });

  it('starts a persistent machine as another instance type when its own has no capacity', async () => {
    const workspace = givenWorkspace(fixture, { mode: 'persistent' });
    await workspace.start();
    const { InstanceId } = await workspace.machine();
    await workspace.stop();
    fixture.aws.once(
      'StartInstances',
      refuses('InsufficientInstanceCapacity', () => true),
    );
    await workspace.start(2);
    expect(await workspace.machine()).toMatchObject({ InstanceId, InstanceType: 'm5a.large' });
  });

  it('resizes a persistent machine, and grows but does not shrink a home', async () => {
    const workspace = givenWorkspace(fixture, { mode: 'persistent', size: 'm5.large' });
    await workspace.start();
    await workspace.stop();
    await workspace.start(2, { size: 'm5a.large' });
    expect((await workspace.machine()).InstanceType).toBe('m5a.large');

    const other = givenWorkspace(fixture);
    for (const [number, size] of (['8Gi', '16Gi', '8Gi'] as const).entries()) {
      await other.start(number + 1, { home: { size, mountPath: '/home/berth' } });
      await other.stop();
    }
    const grown = fixture.aws.seen.filter(({ operation }) => operation === 'ModifyVolume').map(({ input }) => input);
    expect(grown).toEqual([{ VolumeId: await volumeOf(other.id), Size: 16 }]);
  });

  it('terminates the machine of a persistent workspace that becomes ephemeral, and reuses its home', async () => {
    const workspace = givenWorkspace(fixture, { mode: 'persistent' });
    await workspace.start();
    const home = await volumeOf(workspace.id);
    const before = await workspace.machine();
    await workspace.start(2, { mode: 'ephemeral' });
    expect((await workspace.machine()).InstanceId).not.toBe(before.InstanceId);
    expect(await fixture.volumesOf(workspace.id)).toEqual([home]);
  });
});
