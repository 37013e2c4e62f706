import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  type DescribeVolumesCommandInput,
  type EC2Client,
  ModifyVolumeCommand,
  type Volume,
} from '@aws-sdk/client-ec2';
import { codeOf, isGone } from './explain.ts';
import { type Tags, tagNames, toTagList } from './tags.ts';

export interface SeenVolume {
  volumeId: string;
  zone: string;
  sizeGiB: number;
  state: string;
  attachedTo: string | undefined;
  /** The attachment is complete. */
  attached: boolean;
  workspaceId: string | undefined;
  createdAt: Date | undefined;
}

/** EC2 wants a device name; on Nitro the machine sees the disk by its volume id instead. */
const device = '/dev/sdh';

const seenVolume = (volume: Volume): SeenVolume => {
  const attachment = volume.Attachments?.find(({ State }) => State !== 'detached');
  return {
    volumeId: volume.VolumeId ?? '',
    zone: volume.AvailabilityZone ?? '',
    sizeGiB: volume.Size ?? 0,
    state: volume.State ?? '',
    attachedTo: attachment?.InstanceId,
    attached: attachment?.State === 'attached',
    workspaceId: volume.Tags?.find(({ Key }) => Key === tagNames.workspace)?.Value,
    createdAt: volume.CreateTime,
  };
};

const isLiving = ({ state }: SeenVolume): boolean => state !== 'deleting' && state !== 'deleted';

/** The EBS volume that is a workspace's home, made in the zone of its first machine. */
export const homeVolumes = (client: EC2Client, volumeKey: string | undefined) => {
  const pages = async function* (input: DescribeVolumesCommandInput): AsyncGenerator<SeenVolume> {
    let NextToken: string | undefined;
    do {
      const page = await client.send(new DescribeVolumesCommand({ ...input, NextToken }));
      yield* (page.Volumes ?? []).map(seenVolume).filter(isLiving);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  };
  const tagged = (name: string, value: string) => ({ Name: `tag:${name}`, Values: [value] });

  return {
    look: async (volumeId: string): Promise<SeenVolume | undefined> => {
      try {
        for await (const volume of pages({ VolumeIds: [volumeId] })) return volume;
        return undefined;
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },

    /** The volumes of one workspace; more than one only when a step died in the middle. */
    ofWorkspace: async (tags: { installation: string; workspaceId: string }): Promise<SeenVolume[]> =>
      Array.fromAsync(
        pages({
          Filters: [tagged(tagNames.workspace, tags.workspaceId), tagged(tagNames.installation, tags.installation)],
        }),
      ),

    /** Every volume that is attached to nothing: for the reconciler alone. */
    allLoose: (installation: string) =>
      pages({
        MaxResults: 500,
        Filters: [
          tagged(tagNames.installation, installation),
          { Name: 'tag-key', Values: [tagNames.workspace] },
          { Name: 'status', Values: ['available'] },
        ],
      }),

    /** The same token makes nothing twice. */
    create: async (zone: string, sizeGiB: number, token: string, tags: Tags): Promise<SeenVolume> =>
      seenVolume(
        await client.send(
          new CreateVolumeCommand({
            AvailabilityZone: zone,
            Size: sizeGiB,
            VolumeType: 'gp3',
            Encrypted: true,
            ...(volumeKey === undefined ? {} : { KmsKeyId: volumeKey }),
            ClientToken: token,
            TagSpecifications: [{ ResourceType: 'volume', Tags: toTagList(tags) }],
          }),
        ),
      ),

    /** EBS grows a volume once in six hours; until then it stays as it is, and the next start tries again. */
    grow: async (volumeId: string, sizeGiB: number): Promise<void> => {
      try {
        await client.send(new ModifyVolumeCommand({ VolumeId: volumeId, Size: sizeGiB }));
      } catch (error) {
        if (!/^(VolumeModificationRateExceeded|IncorrectModificationState)$/.test(codeOf(error))) throw error;
      }
    },

    /** Another call may have attached it meanwhile; whoever looks next sees it. */
    attach: async (volumeId: string, instanceId: string): Promise<void> => {
      try {
        await client.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: device }));
      } catch (error) {
        if (!/^(VolumeInUse|IncorrectState|InvalidParameterValue)$/.test(codeOf(error))) throw error;
      }
    },

    delete: async (volumeId: string): Promise<void> => {
      try {
        await client.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
      } catch (error) {
        if (!isGone(error) && codeOf(error) !== 'VolumeInUse') throw error;
      }
    },
  };
};
export type HomeVolumes = ReturnType<typeof homeVolumes>;
