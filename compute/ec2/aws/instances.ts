import {
  type _InstanceType,
  CreateTagsCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  type EC2Client,
  type Instance,
  ModifyInstanceAttributeCommand,
  ModifyInstanceMetadataOptionsCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { VmPool } from '../../../contracts/settings/vm.ts';
import { isNotFound } from './errors.ts';
import { allPages, chunked, type Page } from './pages.ts';
import { fromTagList, type Tags, toTagList } from './tags.ts';

export interface LaunchOption {
  instanceType: string;
  subnetId: string;
  zone: string;
}

/** An instance as EC2 reported it. */
export interface ObservedVm {
  instanceId: string;
  instanceType: string;
  zone: string;
  state: 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';
  /** The reason for the state, for example `Server.InsufficientInstanceCapacity`. */
  reason: string | undefined;
  tags: Tags;
  /** The metadata options below are in force. */
  guarded: boolean;
  token: string | undefined;
}

/**
 * IMDSv2 only. Hop limit 1 keeps its responses on the instance, out of reach of whatever the instance routes for. The
 * boot script reads from the tags which workspace has leased the instance.
 */
const metadataOptions = {
  HttpEndpoint: 'enabled',
  HttpTokens: 'required',
  HttpPutResponseHopLimit: 1,
  InstanceMetadataTags: 'enabled',
} as const;

const isGuarded = ({ MetadataOptions }: Instance): boolean =>
  Object.entries(metadataOptions).every(
    ([name, value]) => MetadataOptions?.[name as keyof typeof metadataOptions] === value,
  );

const observedVm = (instance: Instance): ObservedVm => ({
  instanceId: instance.InstanceId ?? '',
  instanceType: instance.InstanceType ?? '',
  zone: instance.Placement?.AvailabilityZone ?? '',
  state: instance.State?.Name ?? 'pending',
  reason: instance.StateReason?.Code,
  tags: fromTagList(instance.Tags),
  guarded: isGuarded(instance),
  token: instance.ClientToken,
});

const ignoreNotFound = async (work: Promise<unknown>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
};

/** EC2 requests about instances. Stopping or terminating an instance that no longer exists succeeds. */
export const ec2Instances = (client: EC2Client) => {
  const page = async (input: DescribeInstancesCommandInput): Promise<Page<ObservedVm>> => {
    const { Reservations = [], NextToken } = await client.send(new DescribeInstancesCommand(input));
    return {
      items: Reservations.flatMap(({ Instances = [] }) => Instances.map(observedVm)),
      next: NextToken || undefined,
    };
  };
  const pages = (input: DescribeInstancesCommandInput) => allPages((NextToken) => page({ ...input, NextToken }));
  const first = async (input: DescribeInstancesCommandInput): Promise<ObservedVm | undefined> => {
    for await (const vm of pages(input)) return vm;
    return undefined;
  };

  return {
    /** `undefined` for an instance that EC2 does not know, or no longer knows. */
    describe: async (instanceId: string): Promise<ObservedVm | undefined> => {
      try {
        return await first({ InstanceIds: [instanceId] });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    /** Describes many instances with one request for every 200, the most values a filter takes. */
    describeAll: async (instanceIds: readonly string[]): Promise<Map<string, ObservedVm>> => {
      const found = new Map<string, ObservedVm>();
      for (const Values of chunked(instanceIds, 200)) {
        const Filters = [{ Name: 'instance-id', Values }];
        for await (const vm of pages({ MaxResults: 1_000, Filters })) found.set(vm.instanceId, vm);
      }
      return found;
    },

    findByClientToken: (token: string) => first({ Filters: [{ Name: 'client-token', Values: [token] }] }),

    /** One page of all instances with these tags. Reads the whole fleet: only garbage collection may call it. */
    listTagged: (tags: Tags, tagged: string, NextToken: string | undefined) =>
      page({
        MaxResults: 500,
        NextToken,
        Filters: [
          ...Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] })),
          { Name: 'tag-key', Values: [tagged] },
          { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
        ],
      }),

    /** The client token makes a repeated call return the instance of the first. */
    launch: async (pool: VmPool, option: LaunchOption, token: string, tags: Tags): Promise<ObservedVm> => {
      const { Instances = [] } = await client.send(
        new RunInstancesCommand({
          MinCount: 1,
          MaxCount: 1,
          ClientToken: token,
          LaunchTemplate: { LaunchTemplateId: pool.launchTemplate.id, Version: pool.launchTemplate.version },
          InstanceType: option.instanceType as _InstanceType,
          // A launch template with a network interface, as for a public address, accepts a subnet only within that
          // interface.
          NetworkInterfaces: [
            {
              DeviceIndex: 0,
              SubnetId: option.subnetId,
              Groups: pool.securityGroups,
              AssociatePublicIpAddress: pool.publicAddress,
              DeleteOnTermination: true,
            },
          ],
          MetadataOptions: metadataOptions,
          TagSpecifications: [{ ResourceType: 'instance', Tags: toTagList(tags) }],
        }),
      );
      const [instance] = Instances;
      if (instance === undefined) throw new Error('EC2 launched an instance without returning it');
      return observedVm(instance);
    },

    tag: async (instanceId: string, tags: Tags): Promise<void> => {
      await client.send(new CreateTagsCommand({ Resources: [instanceId], Tags: toTagList(tags) }));
    },

    enforceMetadataOptions: async (instanceId: string): Promise<void> => {
      await client.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: instanceId, ...metadataOptions }));
    },

    /** The instance must be stopped. */
    resize: async (instanceId: string, instanceType: string): Promise<void> => {
      await client.send(
        new ModifyInstanceAttributeCommand({ InstanceId: instanceId, InstanceType: { Value: instanceType } }),
      );
    },

    /** EC2 starts all of the instances or none. */
    start: async (instanceIds: string[]): Promise<void> => {
      await client.send(new StartInstancesCommand({ InstanceIds: instanceIds }));
    },

    stop: (instanceId: string, force: boolean): Promise<void> =>
      ignoreNotFound(client.send(new StopInstancesCommand({ InstanceIds: [instanceId], Force: force }))),

    terminate: (instanceId: string): Promise<void> =>
      ignoreNotFound(client.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }))),
  };
};
export type Ec2Instances = ReturnType<typeof ec2Instances>;
