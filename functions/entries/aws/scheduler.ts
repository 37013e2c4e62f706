import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { awsClient } from '../../../adapters/aws-client.ts';
import { eventBridgeScheduler } from '../../../adapters/scheduler/eventbridge.ts';
import { readVariables } from '../../../contracts/settings/environment.ts';
import type { Scheduler } from '../../../core/ports/scheduler.ts';

export const awsScheduler = (): Scheduler => {
  const read = readVariables(process.env, [
    'BERTH_SCHEDULE_GROUP',
    'BERTH_SCHEDULE_ROLE',
    'BERTH_SCHEDULE_DEAD_LETTERS',
    'BERTH_STOP_FUNCTION',
    'BERTH_AUTOSTART_FUNCTION',
  ]);
  return eventBridgeScheduler({
    client: new SchedulerClient(awsClient()),
    group: read.BERTH_SCHEDULE_GROUP,
    roleArn: read.BERTH_SCHEDULE_ROLE,
    deadLettersArn: read.BERTH_SCHEDULE_DEAD_LETTERS,
    stopFunctionArn: read.BERTH_STOP_FUNCTION,
    autostartFunctionArn: read.BERTH_AUTOSTART_FUNCTION,
  });
};
