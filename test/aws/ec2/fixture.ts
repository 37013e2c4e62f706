import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Instance,
} from '@aws-sdk/client-ec2';
import { awsClient } from '../../../adapters/aws-client.ts';
import { openSqliteTable } from '../../../adapters/table/sqlite/table.ts';
import { ec2VmKind } from '../../../compute/ec2/ec2.ts';
import { ec2VmPools } from '../../../compute/ec2/pools/pools.ts';
import { type VmPool, VmSettings } from '../../../contracts/settings/vm.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { motoClient } from '../doubles/moto.ts';
import { type Intercepted, intercept } from '../doubles/request-rules.ts';
import { addAwsBehavior } from './aws-behavior.ts';
import { type Machines, startMachines } from './machines.ts';
import { type SharedTime, sharedTime } from './time.ts';

type PoolChange = Partial<Omit<VmPool, 'spares'>> & { spares?: Partial<VmPool['spares']> };

export interface VmFixture {
  kind: ReturnType<typeof ec2VmKind>;
  reopen(): ReturnType<typeof ec2VmKind>;
  pools: ReturnType<typeof ec2VmPools>;
  pool: VmPool;
  settings: VmSettings;
  table: ReturnType<typeof openSqliteTable>;
  aws: Intercepted;
  /** A client without rules. */
  plain: EC2Client;
  /** The client of groups, with rules. */
  scaling: AutoScalingClient;
  /** The real time, which tests can advance. */
  clock: { now(): Date; advance(ms: number): void; advanceTo(at: number): void };
  /** How `untilSettled` waits. */
  time: SharedTime;
  machines: Machines;
  /** All machines of this installation that are not terminated. */
  living(): Promise<Instance[]>;
  ofWorkspace(id: string): Promise<Instance[]>;
  volumesOf(id: string): Promise<string[]>;
  groupSize(): Promise<{ desired: number; members: string[] }>;
  home: { write(id: string, text: string): Promise<void>; read(id: string): Promise<string> };
  close(): Promise<void>;
}

/** One of the images in moto. */
const knownImage = 'ami-12c6146b';

/** A pool in moto with its group, launch template and subnets, and the compute kind that uses it. */
export const openVmFixture = async (
  endpoint: string,
  change: PoolChange = {},
  { agents = true } = {},
): Promise<VmFixture> => {
  const name = `w-${randomUUID()}`;
  // moto is one Python process, slow on a busy machine.
  const client = awsClient({ ...motoClient(endpoint), requestTimeoutMs: 20_000 });
  const [plainEc2, plainScaling] = [new EC2Client(client), new AutoScalingClient(client)];
  const [ec2, autoScaling] = [new EC2Client(client), new AutoScalingClient(client)];
  const { Subnets = [] } = await plainEc2.send(new DescribeSubnetsCommand({}));
  const subnets = Subnets.map(({ SubnetId = '', AvailabilityZone = '' }) => ({ id: SubnetId, zone: AvailabilityZone }))
    .sort((a, b) => (a.zone < b.zone ? -1 : 1))
    .slice(0, 2);
  const { SecurityGroups: [group] = [] } = await plainEc2.send(new DescribeSecurityGroupsCommand({}));
  const { LaunchTemplate } = await plainEc2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: name,
      LaunchTemplateData: { ImageId: knownImage, InstanceType: 'm5.large' },
    }),
  );
  const template = { LaunchTemplateId: LaunchTemplate?.LaunchTemplateId ?? '', Version: '1' };
  await plainScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchTemplate: template,
      MinSize: 0,
      MaxSize: 1_000,
      DesiredCapacity: 0,
      VPCZoneIdentifier: (change.subnets ?? subnets)[0]?.id,
      Tags: [{ Key: 'test', Value: name, PropagateAtLaunch: true }],
    }),
  );
  const settings = VmSettings.parse({
    region: 'eu-central-1',
    account: '123456789012',
    installation: name,
    tags: { 'cost-centre': 'cc-7' },
    pools: [
      {
        name: 'general',
        autoScalingGroup: name,
        launchTemplate: { id: template.LaunchTemplateId, version: '1' },
        instanceTypes: ['m5.large', 'm5a.large'],
        subnets,
        securityGroups: [group?.GroupId],
        publicAddress: false,
        architecture: 'x86_64',
        cap: 12,
        ...change,
        spares: { running: 2, ...change.spares },
      },
    ],
  });
  const pool = settings.pools[0] as VmPool;
  const table = openSqliteTable(':memory:');
  let ahead = 0;
  const clock = () => new Date(Date.now() + ahead);
  const options = { ec2, autoScaling, table, settings, clock };
  const aws = intercept([ec2, autoScaling]);
  addAwsBehavior(aws, (what, id) =>
    what === 'volume'
      ? plainEc2.send(new DescribeVolumesCommand({ VolumeIds: [id] }))
      : plainScaling.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] })),
  );
  const dir = temporaryFolder();
  const living = async (): Promise<Instance[]> => {
    const states = ['pending', 'running', 'stopping', 'stopped', 'shutting-down'];
    const { Reservations = [] } = await plainEc2.send(
      new DescribeInstancesCommand({
        Filters: [
          { Name: 'instance-state-name', Values: states },
          { Name: 'tag-value', Values: [name] },
        ],
      }),
    );
    return Reservations.flatMap(({ Instances = [] }) => Instances);
  };
  const ofWorkspace = async (id: string) =>
    (await living()).filter(({ Tags = [] }) => Tags.some(({ Value }) => Value === id));
  const volumesOf = async (id: string): Promise<string[]> => {
    const Filters = [
      { Name: 'tag:berth:workspace', Values: [id] },
      { Name: 'tag:berth:installation', Values: [name] },
    ];
    const { Volumes = [] } = await plainEc2.send(new DescribeVolumesCommand({ Filters }));
    return Volumes.map(({ VolumeId = '' }) => VolumeId);
  };
  const homeOf = async (id: string): Promise<string> => {
    const [volume = ''] = await volumesOf(id);
    const home = join(dir, volume);
    mkdirSync(home, { recursive: true });
    return home;
  };
  const machines = startMachines({ dir, running: living });
  aws.changed(async (operation) => {
    if (agents && /^(AttachVolume|(Start|Stop|Terminate)Instances)$/.test(operation)) await machines.sync();
  });
  const kind = ec2VmKind(options);
  const pools = ec2VmPools(options);
  await pools.resize(pool);
  const advanceTo = (at: number) => {
    ahead = Math.max(ahead, at - Date.now());
  };
  return {
    kind,
    reopen: () => ec2VmKind(options),
    pools,
    pool,
    settings,
    table,
    aws,
    plain: plainEc2,
    scaling: autoScaling,
    clock: {
      now: clock,
      advance: (ms) => {
        ahead += ms;
      },
      advanceTo,
    },
    time: sharedTime(() => clock().getTime(), advanceTo),
    machines,
    living,
    ofWorkspace,
    volumesOf,
    groupSize: async () => {
      const { AutoScalingGroups: [group] = [] } = await plainScaling.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
      );
      const members = (group?.Instances ?? []).map(({ InstanceId = '' }) => InstanceId);
      return { desired: group?.DesiredCapacity ?? 0, members };
    },
    home: {
      write: async (id, text) => writeFileSync(join(await homeOf(id), 'note.txt'), text),
      read: async (id) => readFileSync(join(await homeOf(id), 'note.txt'), 'utf8'),
    },
    close: async () => {
      await machines.stop();
      for (const part of [ec2, autoScaling, plainEc2, plainScaling]) part.destroy();
      table.close();
    },
  };
};
