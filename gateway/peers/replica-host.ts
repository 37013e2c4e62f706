import * as z from 'zod';

const Metadata = z.object({ Networks: z.array(z.object({ IPv4Addresses: z.array(z.ipv4()).min(1) })).min(1) });
const metadataTimeoutMs = 5_000;

/** Whether the setting is the URL of ECS's task metadata, and not a host. */
export const isMetadataUrl = (setting: string): boolean => setting.startsWith('http://');

/** The host at which other replicas reach this one: the setting itself, or the address in ECS's task metadata. */
export const replicaHost = async (setting: string): Promise<string> => {
  if (!isMetadataUrl(setting)) return setting;
  const response = await fetch(setting, { signal: AbortSignal.timeout(metadataTimeoutMs) });
  const read = Metadata.safeParse(response.ok ? await response.json() : undefined);
  const host = read.data?.Networks[0]?.IPv4Addresses[0];
  if (host === undefined) throw new Error(`ECS's metadata has no address of this task (status ${response.status}).`);
  return host;
};
