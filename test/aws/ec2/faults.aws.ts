import {
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { awsError, type Rule } from '../doubles/request-rules.ts';
import { openVmFixture, type VmFixture } from './fixture.ts';
import { givenWorkspace } from './workspace.ts';

const endpoint = inject('moto') ?? '';

const refused =
  (error: Error): Rule =>
  async () => {
    throw error;
  };
/** The operation takes effect, but its response is lost. */
const lost =
  (error: Error): Rule =>
  async (_, pass) => {
    await pass();
    throw error;
  };
const failures: [string, Rule][] = [
  ['is throttled', refused(awsError('RequestLimitExceeded', 'Request limit exceeded.', 503))],
  ['returns an internal error', refused(awsError('InternalError', 'An internal error has occurred', 500))],
  ['loses its response', lost(awsError('TimeoutError', 'socket hang up'))],
  ['is followed by the death of the step', lost(new Error('the step died'))],
];

/** Used by the lifecycle of a persistent workspace on a launched machine and of an ephemeral one on a spare. */
const operations = [
  ...['DescribeAutoScalingGroups', 'DetachInstances', 'DescribeInstances', 'ModifyInstanceMetadataOptions'],
  ...['DescribeVolumes', 'CreateVolume', 'CreateTags', 'AttachVolume', 'RunInstances'],
  ...['StopInstances', 'StartInstances', 'TerminateInstances', 'DeleteVolume'],
];

describe.runIf(endpoint)('ec2-vm with errors of AWS', () => {
  let fixture: VmFixture;
  beforeEach(async () => {
    fixture = await openVmFixture(endpoint, { spares: { running: 1 } }, { agents: false });
  });
  afterEach(() => fixture.close());

  /** Retries a step that died, as its workflow does. */
  const retryDeadStep = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if ((error as Error).message !== 'the step died') throw error;
      await retryDeadStep(work);
    }
  };
  const totals = () => fixture.table.get({ pk: 'vm-pool#general', sk: 'pool' });

  it.each(failures)('completes every build when each operation %s once', async (_, rule) => {
    for (const operation of operations) fixture.aws.once(operation, rule);
    for (const spec of [{ mode: 'persistent', size: 'm5a.large' }, { mode: 'ephemeral' }] as const) {
      const workspace = givenWorkspace(fixture, spec);
      await retryDeadStep(() => workspace.start(1));
      const machine = await workspace.machine();
      const [home, ...more] = await fixture.volumesOf(workspace.id);
      expect(more).toEqual([]);
      expect(machine.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId)).toContain(home);
      await retryDeadStep(workspace.stop);
      await retryDeadStep(() => workspace.start(2));
      expect(await fixture.volumesOf(workspace.id)).toEqual([home]);
      expect(await workspace.observe()).toMatchObject({ state: 'running', buildId: `${workspace.id}-b2` });
      await retryDeadStep(workspace.destroy);
      expect(await workspace.leftovers()).toEqual([]);
    }
    expect(fixture.aws.unspent()).toEqual([]);
    expect(await totals()).toMatchObject({ leased: 0, waiting: 0, total: 1 });
  });

  it('terminates a machine whose launch was under way when the start is canceled', async () => {
    fixture.aws.once('RunInstances', lost(new Error('the step died')));
    const workspace = givenWorkspace(fixture, { size: 'm5a.large' });
    await expect(workspace.start()).rejects.toThrow('the step died');
    expect(await fixture.pools.collectGarbage()).toMatchObject({ collected: [], failures: [] });
    expect(await workspace.machines()).toHaveLength(1);
    await workspace.stop();
    expect(await workspace.leftovers()).toEqual([]);
    expect(await totals()).toMatchObject({ leased: 0 });
  });

  it('uses a home that was restored from a snapshot, and explains how to restore a missing one', async () => {
    const workspace = givenWorkspace(fixture, { mode: 'ephemeral' });
    await workspace.start(1);
    await workspace.stop();
    const [VolumeId = ''] = await fixture.volumesOf(workspace.id);
    const { Volumes: [old] = [] } = await fixture.plain.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }));
    await fixture.plain.send(new DeleteVolumeCommand({ VolumeId }));
    await expect(workspace.start(2)).rejects.toMatchObject({
      message: expect.stringMatching(
        `restore it from a snapshot, with the tags .* and berth:workspace=${workspace.id}`,
      ),
    });
    await workspace.stop();
    const tags = [{ ResourceType: 'volume' as const, Tags: old?.Tags }];
    const { AvailabilityZone, Size } = old ?? {};
    const { VolumeId: restored } = await fixture.plain.send(
      new CreateVolumeCommand({ AvailabilityZone, Size, TagSpecifications: tags }),
    );
    await workspace.start(3);
    expect(await fixture.volumesOf(workspace.id)).toEqual([restored]);
    const { Volumes: [home] = [] } = await fixture.plain.send(
      new DescribeVolumesCommand({ VolumeIds: [restored ?? ''] }),
    );
    expect(home?.Attachments?.map(({ InstanceId }) => InstanceId)).toEqual([(await workspace.machine()).InstanceId]);
  });

  it('creates one home even if EC2 lists the volume of a dead step late', async () => {
    const workspace = givenWorkspace(fixture);
    fixture.aws.once('CreateVolume', lost(new Error('the step died')));
    fixture.aws.once('DescribeVolumes', async () => ({ Volumes: [] }), 2);
    await retryDeadStep(() => workspace.start());
    expect(await fixture.volumesOf(workspace.id)).toHaveLength(1);
  });

  it('uses the home that a step of an earlier build created without recording it', async () => {
    const workspace = givenWorkspace(fixture);
    fixture.aws.once('CreateVolume', lost(new Error('the step died')));
    await expect(workspace.start()).rejects.toThrow('the step died');
    const [home] = await fixture.volumesOf(workspace.id);
    await workspace.stop();
    await workspace.start(2);
    expect(await fixture.volumesOf(workspace.id)).toEqual([home]);
  });

  it('fails when a machine does not boot in time, and terminates it', async () => {
    const stays: Rule = async (_, pass) => {
      const output = await pass();
      for (const { Instances } of output['Reservations'] as { Instances: { State: { Name: string } }[] }[]) {
        for (const { State } of Instances) if (State.Name === 'running') State.Name = 'pending';
      }
      return output;
    };
    const restore = fixture.aws.rule('DescribeInstances', stays);
    for (const mode of ['ephemeral', 'persistent'] as const) {
      const workspace = givenWorkspace(fixture, { mode });
      const before = fixture.clock.now();
      await expect(workspace.start()).rejects.toMatchObject({
        name: 'compute_failed',
        message: expect.stringMatching(/^The VM i-\w+ did not boot within 5 minutes\./),
      });
      expect(fixture.clock.now().getTime() - before.getTime()).toBeLessThan(400_000);
      await workspace.stop();
      expect(await workspace.leftovers()).toEqual([]);
    }
    restore();
  });

  it('acquires another machine when one is terminated during the start, and fails when all are', async () => {
    const goes: Rule = async (_, pass) => {
      const output = await pass();
      const [launched] = output['Instances'] as { InstanceId: string }[];
      await fixture.plain.send(new TerminateInstancesCommand({ InstanceIds: [launched?.InstanceId ?? ''] }));
      return output;
    };
    fixture.aws.once('RunInstances', goes);
    const workspace = givenWorkspace(fixture, { size: 'm5a.large' });
    await workspace.start();
    expect(fixture.aws.count('RunInstances')).toBe(2);
    await workspace.machine();

    fixture.aws.rule('RunInstances', goes);
    const other = givenWorkspace(fixture, { size: 'm5a.large' });
    await expect(other.start()).rejects.toThrow(/No VM is available/);
    await other.stop();
    expect(await other.leftovers()).toEqual([]);
  });

  it('replaces a machine that was lost while it ran, with the same home', async () => {
    for (const mode of ['persistent', 'ephemeral'] as const) {
      const workspace = givenWorkspace(fixture, { mode });
      await workspace.start();
      const { InstanceId = '' } = await workspace.machine();
      const homes = await fixture.volumesOf(workspace.id);
      await fixture.plain.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
      expect(await workspace.observe()).toMatchObject({ state: 'failed', detail: expect.stringMatching(/terminated/) });
      await workspace.start(2);
      expect((await workspace.machine()).InstanceId).not.toBe(InstanceId);
      expect(await fixture.volumesOf(workspace.id)).toEqual(homes);
    }
  });

  it('tags a persistent machine with its new home path before it boots', async () => {
    const workspace = givenWorkspace(fixture, { mode: 'persistent' });
    await workspace.start();
    await workspace.stop();
    const paths: unknown[] = [];
    fixture.aws.once('StartInstances', async (_, pass) => {
      const { Tags = [] } = await workspace.machine();
      paths.push(Tags.find(({ Key }) => Key === 'berth:home-path')?.Value);
      return pass();
    });
    await workspace.start(2, { home: { size: '8Gi', mountPath: '/mnt/work' } });
    expect(paths).toEqual(['/mnt/work']);
  });

  it('fails with the error of AWS when requests keep failing', async () => {
    fixture.aws.rule('DescribeInstances', refused(awsError('ServiceUnavailable', 'try later', 503)));
    await expect(givenWorkspace(fixture).start()).rejects.toMatchObject({
      name: 'compute_failed',
      message: expect.stringMatching(/not running after 15 minutes.*AWS responded with an error/),
    });
  });

  it('names the missing permission and refers to the administrator, without the encoded message', async () => {
    const message = 'You are not authorized. Encoded authorization failure message: aGVsbG8';
    fixture.aws.rule('RunInstances', refused(awsError('UnauthorizedOperation', message, 403)));
    await expect(givenWorkspace(fixture, { size: 'm5a.large' }).start()).rejects.toMatchObject({
      name: 'compute_failed',
      message: expect.stringMatching(/UnauthorizedOperation: (?!.*aGVsbG8)/),
      remedy: expect.stringContaining('administrator to check the permissions'),
    });
  });

  it('forces a machine to stop that does not stop by itself', async () => {
    const workspace = givenWorkspace(fixture, { mode: 'persistent' });
    await workspace.start();
    fixture.aws.rule('StopInstances', async (input, pass) => (input['Force'] === true ? pass() : {}));
    await workspace.stop();
    expect((await workspace.machine()).State?.Name).toBe('stopped');
  });
});
