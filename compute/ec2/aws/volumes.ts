import {
  AttachVolumeCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  type DescribeVolumesCommandInput,
  type EC2Client,
  ModifyVolumeCommand,
  type Volume,
} from '@aws-sdk/client-ec2';
import type { KnownAs, Quarantine } from '../../../core/ports/compute-kind.ts';
import { errorCode, isNotFound } from './errors.ts';
import { allPages, chunked, type Page } from './pages.ts';
import { fromTagList, knownAsOf, type Tags, tagNames, toTagList } from './tags.ts';

export interface ObservedVolume {
  volumeId: string;
  zone: string;
  sizeGiB: number;
  state: string;
  attachedTo: string | undefined;
  /** False while the volume is still being attached. */
  attached: boolean;
  workspaceId: string | undefined;
  createdAt: Date | undefined;
  quarantine: Quarantine | undefined;
  knownAs: KnownAs;
}

/** EC2 requires a device name. On Nitro instances the disk appears under its volume id instead. */
const device = '/dev/sdh';

const observedVolume = (volume: Volume): ObservedVolume => {
  const tags = fromTagList(volume.Tags);
  const since = tags[tagNames.quarantinedSince];
  const attachment = volume.Attachments?.find(({ State }) => State !== 'detached');
  return {
    volumeId: volume.VolumeId ?? '',
    zone: volume.AvailabilityZone ?? '',
    sizeGiB: volume.Size ?? 0,
    state: volume.State ?? '',
    attachedTo: attachment?.InstanceId,
    attached: attachment?.State === 'attached',
    workspaceId: tags[tagNames.workspace],
    createdAt: volume.CreateTime,
    quarantine: since ? { since, reason: tags[tagNames.quarantineReason] ?? '' } : undefined,
    knownAs: knownAsOf(tags),
  };
};

const isLiving = ({ state }: ObservedVolume): boolean => state !== 'deleting' && state !== 'deleted';

/** The EBS volume that is a workspace's home, created in the zone of the workspace's first instance. */
export const homeVolumes = (client: EC2Client, volumeKey: string | undefined) => {
  const page = async (input: DescribeVolumesCommandInput): Promise<Page<ObservedVolume>> => {
    const { Volumes = [], NextToken } = await client.send(new DescribeVolumesCommand(input));
    return { items: Volumes.map(observedVolume).filter(isLiving), next: NextToken || undefined };
  };
  const pages = (input: DescribeVolumesCommandInput) => allPages((NextToken) => page({ ...input, NextToken }));
  const tagged = (name: string, value: string) => ({ Name: `tag:${name}`, Values: [value] });

  return {
    /** Describes many volumes with one request for every 200. */
    describeAll: async (volumeIds: readonly string[]): Promise<Map<string, Omit<ObservedVolume, 'createdAt'>>> => {
      const found = new Map<string, Omit<ObservedVolume, 'createdAt'>>();
      for (const Values of chunked(volumeIds, 200)) {
        for await (const { createdAt: _, ...volume } of pages({
          MaxResults: 500,
          Filters: [{ Name: 'volume-id', Values }],
        })) {
          found.set(volume.volumeId, volume);
        }
      }
      return found;
    },

    /** The volumes of one workspace; more than one only when a call crashed half way. */
    findByWorkspace: async (tags: { installation: string; workspaceId: string }): Promise<ObservedVolume[]> =>
      Array.fromAsync(
        pages({
          Filters: [tagged(tagNames.workspace, tags.workspaceId), tagged(tagNames.installation, tags.installation)],
        }),
      ),

    /** One page of all unattached volumes. Reads the whole fleet: only garbage collection may call it. */
    listUnattached: (installation: string, NextToken: string | undefined) =>
      page({
        MaxResults: 500,
        NextToken,
        Filters: [
          tagged(tagNames.installation, installation),
          { Name: 'tag-key', Values: [tagNames.workspace] },
          { Name: 'status', Values: ['available'] },
        ],
      }),

    /** The client token makes a repeated call return the volume of the first. */
    create: async (zone: string, sizeGiB: number, token: string, tags: Tags): Promise<ObservedVolume> =>
      observedVolume(
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

    /**
     * EBS modifies a volume at most once in six hours. Until then the volume keeps its size, and the next start tries
     * again.
     */
    grow: async (volumeId: string, sizeGiB: number): Promise<void> => {
      try {
        await client.send(new ModifyVolumeCommand({ VolumeId: volumeId, Size: sizeGiB }));
      } catch (error) {
        if (!/^(VolumeModificationRateExceeded|IncorrectModificationState)$/.test(errorCode(error))) throw error;
      }
    },

    /**
     * Ignores a conflict with another call that attached the volume meanwhile: the next observation shows the result.
     */
    attach: async (volumeId: string, instanceId: string): Promise<void> => {
      try {
        await client.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: device }));
      } catch (error) {
        if (!/^(VolumeInUse|IncorrectState|InvalidParameterValue)$/.test(errorCode(error))) throw error;
      }
    },

    /** Marks a volume as quarantined; without a mark, as used again. */
    setQuarantine: async (volumeId: string, setQuarantine?: Quarantine): Promise<void> => {
      const tags = {
        [tagNames.quarantinedSince]: setQuarantine?.since ?? '',
        [tagNames.quarantineReason]: setQuarantine?.reason ?? '',
      };
      await client.send(new CreateTagsCommand({ Resources: [volumeId], Tags: toTagList(tags) }));
    },

    delete: async (volumeId: string): Promise<void> => {
      try {
        await client.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
      } catch (error) {
        if (!isNotFound(error) && errorCode(error) !== 'VolumeInUse') throw error;
      }
    },
  };
};
export type HomeVolumes = ReturnType<typeof homeVolumes>;
