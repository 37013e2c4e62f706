import { bucket, instanceLimits, limitOf } from './token-buckets.ts';

type Input = Record<string, unknown>;
type Output = Record<string, unknown>;

interface Vm {
  InstanceId: string;
  InstanceType: string;
  zone: string;
  /** The state that it changes to, and when it has reached it. */
  state: 'running' | 'stopped' | 'terminated';
  at: number;
  tags: Map<string, string>;
  isMember: boolean;
  token: string | undefined;
}

interface Disk {
  VolumeId: string;
  AvailabilityZone: string;
  Size: number;
  at: number;
  attachedTo: string | undefined;
  attachedAt: number;
  tags: Map<string, string>;
}

interface Tag {
  Key: string;
  Value: string;
}

interface ModelOptions {
  now: () => number;
  zones: readonly string[];
  instanceType: string;
  /** From a launch or start until an instance runs. By default as measured with Berth's image. */
  bootMs?: number | undefined;
}

/** The only Auto Scaling group of the model. */
export const groupName = 'general';

/** How long AWS takes, in ms, as measured with Berth's image. */
const stopMs = 20_000;
const endMs = 30_000;
const diskMs = 2_000;

const refusal = (name: string, status = 400): Error =>
  Object.assign(new Error(name), { name, $fault: 'client', $metadata: { httpStatusCode: status } });

const underway = { running: 'pending', stopped: 'stopping', terminated: 'shutting-down' } as const;

/**
 * A model of EC2 and Auto Scaling: the requests that the kind ec2-vm makes, with their rate limits, on a simulated
 * clock.
 */
export const awsModel = ({ now, zones, instanceType, bootMs = 18_000 }: ModelOptions) => {
  const vms = new Map<string, Vm>();
  const disks = new Map<string, Disk>();
  const group = { desired: 0, prepared: 0 };
  const buckets = new Map<string, ReturnType<typeof bucket>>();
  const instances = { launches: bucket(instanceLimits.launches, now), starts: bucket(instanceLimits.starts, now) };
  const counts = new Map<string, { done: number; throttled: number }>();
  const refusals: { operation: string; when: (input: Input) => boolean; name: string }[] = [];
  const resized = new Map<string, string>();
  let isLimited = false;
  let created = 0;
  let peak = 0;

  const living = (): Vm[] => [...vms.values()].filter(({ state }) => state !== 'terminated');
  const members = (): Vm[] => [...vms.values()].filter(({ isMember, state }) => isMember && state === 'running');
  const stateOf = ({ state, at }: Vm): string => (now() >= at ? state : underway[state]);
  const stateIn = (one: Vm | Disk): string => {
    if (!('VolumeId' in one)) return stateOf(one);
    if (now() < one.at) return 'creating';
    return one.attachedTo === undefined ? 'available' : 'in-use';
  };
  const tagList = (tags: Map<string, string>): Tag[] => [...tags].map(([Key, Value]) => ({ Key, Value }));
  const tagsOf = (given: unknown): Map<string, string> =>
    new Map(((given ?? []) as { Tags: Tag[] }[]).flatMap(({ Tags }) => Tags.map(({ Key, Value }) => [Key, Value])));

  const launch = (zone: string, isMember: boolean, tags: Map<string, string>, token?: string): Vm => {
    created += 1;
    const InstanceId = `i-${String(created).padStart(8, '0')}`;
    const vm = { InstanceId, InstanceType: instanceType, zone, tags, isMember, token, at: now() + bootMs };
    vms.set(InstanceId, { ...vm, state: 'running' });
    peak = Math.max(peak, living().length);
    return vms.get(InstanceId) as Vm;
  };
  /** The group's control loop, as fast as EC2's rate limits allow. */
  const scale = () => {
    for (let missing = group.desired - members().length; missing > 0; missing -= 1) {
      if (isLimited && !instances.launches.take(1)) return;
      launch(zones[created % zones.length] ?? '', true, new Map());
    }
    for (const vm of members().slice(group.desired)) Object.assign(vm, { state: 'terminated', at: now() + endMs });
  };

  const instanceOutput = (vm: Vm): Output => ({
    InstanceId: vm.InstanceId,
    InstanceType: vm.InstanceType,
    Placement: { AvailabilityZone: vm.zone },
    State: { Name: stateOf(vm) },
    Tags: tagList(vm.tags),
    ClientToken: vm.token,
    MetadataOptions: {
      HttpEndpoint: 'enabled',
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 1,
      InstanceMetadataTags: 'enabled',
    },
  });
  const volumeOutput = (disk: Disk): Output => ({
    ...disk,
    State: stateIn(disk),
    Tags: tagList(disk.tags),
    Attachments:
      disk.attachedTo === undefined
        ? []
        : [{ InstanceId: disk.attachedTo, State: now() >= disk.attachedAt ? 'attached' : 'attaching' }],
  });
  const matching = <T extends Vm | Disk>(all: Map<string, T>, input: Input): T[] => {
    const filters = (input['Filters'] ?? []) as { Name: string; Values: string[] }[];
    const ids = (input['InstanceIds'] ?? input['VolumeIds'] ?? filters.find(({ Name }) => /-id$/.test(Name))?.Values) as
      | string[]
      | undefined;
    if (ids !== undefined) return ids.flatMap((id) => all.get(id) ?? []);
    const matches = (one: T, { Name, Values }: { Name: string; Values: string[] }): boolean => {
      if (Name.startsWith('tag:')) return Values.includes(one.tags.get(Name.slice(4)) ?? '');
      if (Name === 'tag-key') return Values.some((key) => one.tags.has(key));
      if (Name === 'instance-state-name' || Name === 'status') return Values.includes(stateIn(one));
      throw new Error(`The model of AWS does not implement the filter ${Name}.`);
    };
    return [...all.values()].filter((one) => filters.every((filter) => matches(one, filter)));
  };
  const paged = <T>(all: T[], { MaxResults, NextToken }: Input): { part: T[]; NextToken: string | undefined } => {
    const from = Number(NextToken ?? 0);
    const to = from + Number(MaxResults ?? all.length);
    return { part: all.slice(from, to), NextToken: to < all.length ? String(to) : undefined };
  };
  const existingVm = (id: unknown): Vm => {
    const vm = vms.get(String(id));
    if (vm === undefined) throw refusal('InvalidInstanceID.NotFound');
    return vm;
  };
  const endVm = (vm: Vm, state: Vm['state'], ms: number) => {
    if (vm.state !== state) Object.assign(vm, { state, at: now() + ms });
    if (state !== 'terminated') return;
    for (const disk of disks.values()) if (disk.attachedTo === vm.InstanceId) disk.attachedTo = undefined;
  };

  const operations: Record<string, (input: Input) => Output> = {
    DescribeInstances: (input) => {
      const { part, NextToken } = paged(matching(vms, input), input);
      return { NextToken, Reservations: part.map((vm) => ({ Instances: [instanceOutput(vm)] })) };
    },
    DescribeVolumes: (input) => {
      const { part, NextToken } = paged(matching(disks, input), input);
      return { NextToken, Volumes: part.map(volumeOutput) };
    },
    DescribeAutoScalingGroups: (input) => ({
      AutoScalingGroups: (input['AutoScalingGroupNames'] as string[])
        .filter((name) => name === groupName)
        .map(() => ({
          DesiredCapacity: group.desired,
          WarmPoolConfiguration: { MaxGroupPreparedCapacity: group.prepared },
          WarmPoolSize: 0,
          Instances: members().map((vm) => ({
            InstanceId: vm.InstanceId,
            InstanceType: vm.InstanceType,
            AvailabilityZone: vm.zone,
            HealthStatus: 'Healthy',
            LifecycleState: now() >= vm.at ? 'InService' : 'Pending',
          })),
        })),
    }),
    DescribeAutoScalingInstances: (input) => ({
      AutoScalingInstances: (input['InstanceIds'] as string[]).filter((id) => vms.get(id)?.isMember === true),
    }),
    SetDesiredCapacity: (input) => {
      group.desired = Number(input['DesiredCapacity']);
      return {};
    },
    PutWarmPool: (input) => {
      group.prepared = Number(input['MaxGroupPreparedCapacity']);
      return {};
    },
    DetachInstances: (input) => {
      const leaving = (input['InstanceIds'] as string[]).map(existingVm);
      if (leaving.length > 20 || leaving.some(({ isMember }) => !isMember)) throw refusal('ValidationError');
      for (const vm of leaving) vm.isMember = false;
      if (input['ShouldDecrementDesiredCapacity'] === true) group.desired -= leaving.length;
      return {};
    },
    RunInstances: (input) => {
      const [net] = input['NetworkInterfaces'] as { SubnetId: string }[];
      const zone = String(net?.SubnetId).replace('subnet-', '');
      const token = String(input['ClientToken']);
      const again = [...vms.values()].find((vm) => vm.token === token);
      if (again === undefined && isLimited && !instances.launches.take(1)) throw refusal('RequestLimitExceeded', 503);
      return { Instances: [instanceOutput(again ?? launch(zone, false, tagsOf(input['TagSpecifications']), token))] };
    },
    StartInstances: (input) => {
      const starting = (input['InstanceIds'] as string[]).map(existingVm);
      if (starting.some(({ state, at }) => state === 'terminated' || (state === 'stopped' && now() < at))) {
        throw refusal('IncorrectInstanceState');
      }
      if (isLimited && !instances.starts.take(starting.length)) throw refusal('RequestLimitExceeded', 503);
      for (const vm of starting)
        if (vm.state === 'stopped') Object.assign(vm, { state: 'running', at: now() + bootMs });
      return {};
    },
    StopInstances: (input) => {
      for (const id of input['InstanceIds'] as string[]) endVm(existingVm(id), 'stopped', stopMs);
      return {};
    },
    TerminateInstances: (input) => {
      for (const id of input['InstanceIds'] as string[]) endVm(existingVm(id), 'terminated', endMs);
      return {};
    },
    ModifyInstanceAttribute: (input) => {
      const vm = existingVm(input['InstanceId']);
      vm.InstanceType = (input['InstanceType'] as { Value: string }).Value;
      resized.set(vm.InstanceId, vm.InstanceType);
      return {};
    },
    CreateTags: (input) => {
      for (const id of input['Resources'] as string[]) {
        const tags = (vms.get(id) ?? disks.get(id))?.tags;
        for (const { Key, Value } of input['Tags'] as Tag[]) tags?.set(Key, Value);
      }
      return {};
    },
    CreateVolume: (input) => {
      created += 1;
      const VolumeId = `vol-${String(created).padStart(8, '0')}`;
      const disk = {
        VolumeId,
        AvailabilityZone: String(input['AvailabilityZone']),
        Size: Number(input['Size']),
        at: now() + diskMs,
        attachedTo: undefined,
        attachedAt: 0,
        tags: tagsOf(input['TagSpecifications']),
      };
      disks.set(VolumeId, disk);
      return volumeOutput(disk);
    },
    AttachVolume: (input) => {
      const disk = disks.get(String(input['VolumeId']));
      if (disk === undefined) throw refusal('InvalidVolume.NotFound');
      if (disk.attachedTo !== undefined) throw refusal('VolumeInUse');
      if (now() < disk.at || stateOf(existingVm(input['InstanceId'])) !== 'running') throw refusal('IncorrectState');
      Object.assign(disk, { attachedTo: input['InstanceId'], attachedAt: now() + diskMs });
      return {};
    },
  };

  const send = async (command: { input: object }): Promise<Output> => {
    const operation = command.constructor.name.replace(/Command$/, '');
    const input = command.input as Input;
    const work = operations[operation];
    if (work === undefined) throw new Error(`The model of AWS does not implement ${operation}.`);
    scale();
    const count = counts.get(operation) ?? { done: 0, throttled: 0 };
    counts.set(operation, count);
    const limit = buckets.get(operation) ?? bucket(limitOf(operation, input), now);
    buckets.set(operation, limit);
    if (isLimited && !limit.take(1)) {
      count.throttled += 1;
      throw refusal('RequestLimitExceeded', 503);
    }
    const refused = refusals.find((refusal) => refusal.operation === operation && refusal.when(input));
    if (refused !== undefined) throw refusal(refused.name);
    try {
      const output = work(input);
      count.done += 1;
      return output;
    } catch (error) {
      if ((error as Error).name === 'RequestLimitExceeded') count.throttled += 1;
      throw error;
    }
  };

  return {
    send,
    counts,
    /** The new types of instances that were resized. */
    resized,
    /** Refuses matching requests from now on. */
    refuse: (operation: string, name: string, when: (input: Input) => boolean) =>
      void refusals.push({ operation, when, name }),
    /** The highest number of instances at the same time. */
    peakInstances: () => peak,
    /** Enforces the rate limits from now on, and resets the counts. */
    enforceLimits: () => {
      isLimited = true;
      counts.clear();
    },
  };
};
