import { DescribeTasksCommand, type ECSClient } from '@aws-sdk/client-ecs';
import * as z from 'zod';
import { every } from '../../base/every.ts';
import type { Log } from '../../base/log.ts';

/** The ECS task that this replica runs in. */
interface OwnTask {
  cluster: string;
  arn: string;
}

const Metadata = z.object({ Cluster: z.string().min(1), TaskARN: z.string().startsWith('arn:') });
const metadataTimeoutMs = 5_000;

/** Reads the task from ECS's task metadata, whose URL ECS sets in the environment of each task. */
export const ownTask = async (metadataUrl: string): Promise<OwnTask> => {
  const response = await fetch(`${metadataUrl}/task`, { signal: AbortSignal.timeout(metadataTimeoutMs) });
  const read = Metadata.safeParse(response.ok ? await response.json() : undefined);
  if (!read.success) throw new Error(`ECS's metadata does not name this task (status ${response.status}).`);
  return { cluster: read.data.Cluster, arn: read.data.TaskARN };
};

/**
 * Calls `leave` once ECS wants to stop the task. ECS first deregisters it from the load balancer, which closes open
 * connections after its deregistration delay, and sends SIGTERM only then, too late for agents to connect elsewhere.
 * Returns a function that stops the polling.
 */
export const watchTask = (
  client: ECSClient,
  { cluster, arn }: OwnTask,
  leave: () => void,
  log: Log,
  everyMs = 5_000,
): (() => void) => {
  const stop = every(
    {
      periodMs: everyMs,
      onError: (error) => log('warn', 'the desired status of this task was not read from ECS', { error }),
    },
    async () => {
      const { tasks: [own] = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: [arn] }));
      if (own?.desiredStatus !== 'STOPPED') return;
      void stop();
      leave();
    },
  );
  return stop;
};
