import * as z from 'zod';

const Metadata = z.object({ Networks: z.array(z.object({ IPv4Addresses: z.array(z.ipv4()).min(1) })).min(1) });
const answerMs = 5_000;

/** Whether it is where ECS tells a task of itself, instead of a host. */
export const isMetadataUrl = (given: string): boolean => given.startsWith('http://');

/** The address of this replica: as it is given, or, from the URL of ECS's task metadata, what that says. */
export const replicaHost = async (given: string): Promise<string> => {
  if (!isMetadataUrl(given)) return given;
  const response = await fetch(given, { signal: AbortSignal.timeout(answerMs) });
  const read = Metadata.safeParse(response.ok ? await response.json() : undefined);
  const host = read.data?.Networks[0]?.IPv4Addresses[0];
  if (host === undefined) throw new Error(`ECS did not tell the address of this task (status ${response.status}).`);
  return host;
};
