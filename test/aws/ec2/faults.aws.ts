import {
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { awsError, type Rule } from '../doubles/request-rules.ts';
import { openVmWorld, type VmWorld } from './fixture.ts';
import { givenWorkspace } from './workspace.ts';

const endpoint = inject('moto') ?? '';

const refused =
  (error: Error): Rule =>
  async () => {
    throw error;
  };
/** The work is done, but its answer never comes. */
const lost =
  (error: Error): Rule =>
  async (_, pass) => {
    await pass();
    throw error;
  };
const badDays: [string, Rule][] = [
  ['throttled', refused(awsError('RequestLimitExceeded', 'Request limit exceeded.', 503))],
  ['out of order', refused(awsError('InternalError', 'An internal error has occurred', 500))],
  ['cut off after its work', lost(awsError('TimeoutError', 'socket hang up'))],
  ['followed by the death of the step', lost(new Error('the step died'))],
];

/** A persistent workspace that is launched and one from a spare, moved through everything: so every operation is used. */
const operations = [
  ...['DescribeAutoScalingGroups', 'DetachInstances', 'DescribeInstances', 'ModifyInstanceMetadataOptions'],
  ...['DescribeVolumes', 'CreateVolume', 'CreateTags', 'AttachVolume', 'RunInstances'],
  ...['StopInstances', 'StartInstances', 'TerminateInstances', 'DeleteVolume'],
];

describe.runIf(endpoint)('bad days of ec2-vm', () => {
  let world: VmWorld;
  beforeEach(async () => {
    world = await openVmWorld(endpoint, { spares: { running: 1 } }, { agents: false });
  });
  afterEach(() => world.close());

  /** A step that dies is started again, as its workflow does. */
  const surely = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if ((error as Error).message !== 'the step died') throw error;
      await surely(work);
    }
  };
  const totals = () => world.table.get({ pk: 'vm-pool#general', sk: 'pool' });

  it.each(badDays)('every operation %s once leaves every workspace as it should be', async (_, rule) => {
    for (const operation of operations) world.aws.once(operation, rule);
    for (const spec of [{ mode: 'persistent', size: 'm5a.large' }, { mode: 'ephemeral' }] as const) {
      const workspace = givenWorkspace(world, spec);
      await surely(() => workspace.start(1));
      const machine = await workspace.machine();
      const [home, ...more] = await world.volumesOf(workspace.id);
      expect(more).toEqual([]);
      expect(machine.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId)).toContain(home);
      await surely(workspace.stop);
      await surely(() => workspace.start(2));
      expect(await world.volumesOf(workspace.id)).toEqual([home]);
      expect(await workspace.observe()).toMatchObject({ state: 'running', buildId: `${workspace.id}-b2` });
      await surely(workspace.destroy);
      expect(await workspace.leftovers()).toEqual([]);
    }
    expect(world.aws.unspent()).toEqual([]);
    expect(await totals()).toMatchObject({ leased: 0, waiting: 0, total: 1 });
  });

  it('ends what was being launched when the start is canceled at that moment', async () => {
    world.aws.once('RunInstances', lost(new Error('the step died')));
    const workspace = givenWorkspace(world, { size: 'm5a.large' });
    await expect(workspace.start()).rejects.toThrow('the step died');
    expect(await world.pools.collectGarbage()).toMatchObject({ collected: [], failures: [] });
    expect(await workspace.machines()).toHaveLength(1);
    await workspace.stop();
    expect(await workspace.leftovers()).toEqual([]);
    expect(await totals()).toMatchObject({ leased: 0 });
  });

  it('takes a home that was restored from a snapshot, and says how when there is none', async () => {
    const workspace = givenWorkspace(world, { mode: 'ephemeral' });
    await workspace.start(1);
    await workspace.stop();
    const [VolumeId = ''] = await world.volumesOf(workspace.id);
    const { Volumes: [old] = [] } = await world.plain.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }));
    await world.plain.send(new DeleteVolumeCommand({ VolumeId }));
    await expect(workspace.start(2)).rejects.toMatchObject({
      message: expect.stringMatching(
        `restore it from a snapshot, with the tags .* and berth:workspace=${workspace.id}`,
      ),
    });
    await workspace.stop();
    const tags = [{ ResourceType: 'volume' as const, Tags: old?.Tags }];
    const { AvailabilityZone, Size } = old ?? {};
    const { VolumeId: restored } = await world.plain.send(
      new CreateVolumeCommand({ AvailabilityZone, Size, TagSpecifications: tags }),
    );
    await workspace.start(3);
    expect(await world.volumesOf(workspace.id)).toEqual([restored]);
    const { Volumes: [home] = [] } = await world.plain.send(
      new DescribeVolumesCommand({ VolumeIds: [restored ?? ''] }),
    );
    expect(home?.Attachments?.map(({ InstanceId }) => InstanceId)).toEqual([(await workspace.machine()).InstanceId]);
  });

  it('makes one home, however late EC2 shows the volume that a dead step made', async () => {
    const workspace = givenWorkspace(world);
    world.aws.once('CreateVolume', lost(new Error('the step died')));
    world.aws.once('DescribeVolumes', async () => ({ Volumes: [] }), 2);
    await surely(() => workspace.start());
    expect(await world.volumesOf(workspace.id)).toHaveLength(1);
  });

  it('takes up the home that a step of an earlier build made and did not write down', async () => {
    const workspace = givenWorkspace(world);
    world.aws.once('CreateVolume', lost(new Error('the step died')));
    await expect(workspace.start()).rejects.toThrow('the step died');
    const [home] = await world.volumesOf(workspace.id);
    await workspace.stop();
    await workspace.start(2);
    expect(await world.volumesOf(workspace.id)).toEqual([home]);
  });

  it('gives up a machine that never boots, says so, and ends it', async () => {
    const stays: Rule = async (_, pass) => {
      const output = await pass();
      for (const { Instances } of output['Reservations'] as { Instances: { State: { Name: string } }[] }[]) {
        for (const { State } of Instances) if (State.Name === 'running') State.Name = 'pending';
      }
      return output;
    };
    const restore = world.aws.rule('DescribeInstances', stays);
    for (const mode of ['ephemeral', 'persistent'] as const) {
      const workspace = givenWorkspace(world, { mode });
      const before = world.clock.now();
      await expect(workspace.start()).rejects.toMatchObject({
        name: 'compute_failed',
        message: expect.stringMatching(/^The VM i-\w+ did not boot within 5 minutes\./),
      });
      expect(world.clock.now().getTime() - before.getTime()).toBeLessThan(400_000);
      await workspace.stop();
      expect(await workspace.leftovers()).toEqual([]);
    }
    restore();
  });

  it('takes another machine when the one it took goes away, and tells why when all do', async () => {
    const goes: Rule = async (_, pass) => {
      const output = await pass();
      const [launched] = output['Instances'] as { InstanceId: string }[];
      await world.plain.send(new TerminateInstancesCommand({ InstanceIds: [launched?.InstanceId ?? ''] }));
      return output;
    };
    world.aws.once('RunInstances', goes);
    const workspace = givenWorkspace(world, { size: 'm5a.large' });
    await workspace.start();
    expect(world.aws.count('RunInstances')).toBe(2);
    await workspace.machine();

    world.aws.rule('RunInstances', goes);
    const other = givenWorkspace(world, { size: 'm5a.large' });
    await expect(other.start()).rejects.toThrow(/No VM is available/);
    await other.stop();
    expect(await other.leftovers()).toEqual([]);
  });

  it('takes another machine, with the same home, for one that was lost while it ran', async () => {
    for (const mode of ['persistent', 'ephemeral'] as const) {
      const workspace = givenWorkspace(world, { mode });
      await workspace.start();
      const { InstanceId = '' } = await workspace.machine();
      const homes = await world.volumesOf(workspace.id);
      await world.plain.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
      expect(await workspace.observe()).toMatchObject({ state: 'failed', detail: expect.stringMatching(/terminated/) });
      await workspace.start(2);
      expect((await workspace.machine()).InstanceId).not.toBe(InstanceId);
      expect(await world.volumesOf(workspace.id)).toEqual(homes);
    }
  });

  it('tells a persistent machine where its home belongs now before it boots', async () => {
    const workspace = givenWorkspace(world, { mode: 'persistent' });
    await workspace.start();
    await workspace.stop();
    const told: unknown[] = [];
    world.aws.once('StartInstances', async (_, pass) => {
      const { Tags = [] } = await workspace.machine();
      told.push(Tags.find(({ Key }) => Key === 'berth:home-path')?.Value);
      return pass();
    });
    await workspace.start(2, { home: { size: '8Gi', mountPath: '/mnt/work' } });
    expect(told).toEqual(['/mnt/work']);
  });

  it('says so when AWS answers nothing for long', async () => {
    world.aws.rule('DescribeInstances', refused(awsError('ServiceUnavailable', 'try later', 503)));
    await expect(givenWorkspace(world).start()).rejects.toMatchObject({
      name: 'compute_failed',
      message: expect.stringMatching(/not running after 15 minutes.*AWS responded with an error/),
    });
  });

  it('says who can help when a permission is missing, without the coded part', async () => {
    const message = 'You are not authorized. Encoded authorization failure message: aGVsbG8';
    world.aws.rule('RunInstances', refused(awsError('UnauthorizedOperation', message, 403)));
    await expect(givenWorkspace(world, { size: 'm5a.large' }).start()).rejects.toMatchObject({
      name: 'compute_failed',
      message: expect.stringMatching(/administrator to check the permissions.*UnauthorizedOperation: (?!.*aGVsbG8)/),
    });
  });

  it('forces a machine down that does not stop', async () => {
    const workspace = givenWorkspace(world, { mode: 'persistent' });
    await workspace.start();
    world.aws.rule('StopInstances', async (input, pass) => (input['Force'] === true ? pass() : {}));
    await workspace.stop();
    expect((await workspace.machine()).State?.Name).toBe('stopped');
  });
});
