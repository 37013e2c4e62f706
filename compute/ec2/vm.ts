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
import type { VmPool } from '../../contracts/vm-settings.ts';
import type { LaunchOption } from './choose.ts';
import { isGone } from './explain.ts';
import { fromTagList, type Tags, toTagList } from './tags.ts';

/** A machine as EC2 tells of it. */
export interface SeenVm {
  instanceId: string;
  instanceType: string;
  zone: string;
  state: 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';
  /** Why it is in that state, such as `Server.InsufficientInstanceCapacity`. */
  reason: string | undefined;
  tags: Tags;
  guarded: boolean;
  token: string | undefined;
}

/**
 * IMDSv2 alone, answered to the machine itself and to nothing that it routes (hop limit 1); with its tags, from which the
 * boot script reads whose machine it is.
 */
const metadata = {
  HttpEndpoint: 'enabled',
  HttpTokens: 'required',
  HttpPutResponseHopLimit: 1,
  InstanceMetadataTags: 'enabled',
} as const;

const isGuarded = ({ MetadataOptions }: Instance): boolean =>
  Object.entries(metadata).every(([name, value]) => MetadataOptions?.[name as keyof typeof metadata] === value);

const seenVm = (instance: Instance): SeenVm => ({
  instanceId: instance.InstanceId ?? '',
  instanceType: instance.InstanceType ?? '',
  zone: instance.Placement?.AvailabilityZone ?? '',
  state: instance.State?.Name ?? 'pending',
  reason: instance.StateReason?.Code,
  tags: fromTagList(instance.Tags),
  guarded: isGuarded(instance),
  token: instance.ClientToken,
});

const without = async (work: Promise<unknown>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
};

/** What is asked of EC2 about single machines. "Already gone" is done. */
export const vmCalls = (client: EC2Client) => {
  const pages = async function* (input: DescribeInstancesCommandInput): AsyncGenerator<SeenVm> {
    let NextToken: string | undefined;
    do {
      const page = await client.send(new DescribeInstancesCommand({ ...input, NextToken }));
      for (const { Instances = [] } of page.Reservations ?? []) yield* Instances.map(seenVm);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  };
  const first = async (input: DescribeInstancesCommandInput): Promise<SeenVm | undefined> => {
    for await (const vm of pages(input)) return vm;
    return undefined;
  };

  return {
    /** `undefined` for one that EC2 does not know (any more). */
    look: async (instanceId: string): Promise<SeenVm | undefined> => {
      try {
        return await first({ InstanceIds: [instanceId] });
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },

    findLaunched: (token: string) => first({ Filters: [{ Name: 'client-token', Values: [token] }] }),

    /** Every machine that carries these tags: for the reconciler alone. */
    allTagged: (tags: Tags, tagged: string) =>
      pages({
        MaxResults: 500,
        Filters: [
          ...Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] })),
          { Name: 'tag-key', Values: [tagged] },
          { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
        ],
      }),

    /** The same token launches nothing twice. */
    launch: async (pool: VmPool, option: LaunchOption, token: string, tags: Tags): Promise<SeenVm> => {
      const { Instances = [] } = await client.send(
        new RunInstancesCommand({
          MinCount: 1,
          MaxCount: 1,
          ClientToken: token,
          LaunchTemplate: { LaunchTemplateId: pool.launchTemplate.id, Version: pool.launchTemplate.version },
          InstanceType: option.instanceType as _InstanceType,
          // A template with a network interface, which one with a public address has, takes a subnet only as a part of it.
          NetworkInterfaces: [
            {
              DeviceIndex: 0,
              SubnetId: option.subnetId,
              Groups: pool.securityGroups,
              AssociatePublicIpAddress: pool.publicAddress,
              DeleteOnTermination: true,
            },
          ],
          MetadataOptions: metadata,
          TagSpecifications: [{ ResourceType: 'instance', Tags: toTagList(tags) }],
        }),
      );
      const [instance] = Instances;
      if (instance === undefined) throw new Error('EC2 launched an instance and does not say which');
      return seenVm(instance);
    },

    tag: async (instanceId: string, tags: Tags): Promise<void> => {
      await client.send(new CreateTagsCommand({ Resources: [instanceId], Tags: toTagList(tags) }));
    },

    guard: async (instanceId: string): Promise<void> => {
      await client.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: instanceId, ...metadata }));
    },

    /** Only while it is stopped. */
    resize: async (instanceId: string, instanceType: string): Promise<void> => {
      await client.send(
        new ModifyInstanceAttributeCommand({ InstanceId: instanceId, InstanceType: { Value: instanceType } }),
      );
    },

    start: async (instanceId: string): Promise<void> => {
      await client.send(new StartInstancesCommand({ InstanceIds: [instanceId] }));
    },

    stop: (instanceId: string, force: boolean): Promise<void> =>
      without(client.send(new StopInstancesCommand({ InstanceIds: [instanceId], Force: force }))),

    terminate: (instanceId: string): Promise<void> =>
      without(client.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }))),
  };
};
export type VmCalls = ReturnType<typeof vmCalls>;
