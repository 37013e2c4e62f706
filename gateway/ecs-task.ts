import { DescribeTasksCommand, type ECSClient } from '@aws-sdk/client-ecs';
import * as z from 'zod';
import { every } from './every.ts';
import type { Log } from './log.ts';

/** The task of ECS that this replica runs in. */
export interface OwnTask {
  cluster: string;
  arn: string;
}

const Metadata = z.object({ Cluster: z.string().min(1), TaskARN: z.string().startsWith('arn:') });
const answerMs = 5_000;

/** What ECS's metadata, at the URL that it gives to each task, says of the task itself. */
export const ownTask = async (metadataUrl: string): Promise<OwnTask> => {
  const response = await fetch(`${metadataUrl}/task`, { signal: AbortSignal.timeout(answerMs) });
  const read = Metadata.safeParse(response.ok ? await response.json() : undefined);
  if (!read.success) throw new Error(`ECS did not tell which task this is (status ${response.status}).`);
  return { cluster: read.data.Cluster, arn: read.data.TaskARN };
};

/**
 * Calls `leave` once ECS wants the task to end. It first takes the task out of the load balancer, which cuts what is open
 * after its deregistration delay, and only then sends SIGTERM: by then it would be too late for agents to go elsewhere.
 * Answers a function that stops it.
 */
export const watchTask = (
  client: ECSClient,
  { cluster, arn }: OwnTask,
  leave: () => void,
  log: Log,
  everyMs = 5_000,
): (() => void) => {
  const stop = every({ ms: everyMs, failed: 'ECS did not tell whether this task goes on', log }, async () => {
    const { tasks: [own] = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: [arn] }));
    if (own?.desiredStatus !== 'STOPPED') return;
    void stop();
    leave();
  });
  return stop;
};
