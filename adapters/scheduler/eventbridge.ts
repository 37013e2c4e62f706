import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  type SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import type { AutostartWake, StopWake } from '../../contracts/events.ts';
import type { Clock, Scheduler } from '../../core/ports.ts';
import { type Backoff, waitAfter } from '../backoff.ts';
import { eventBridgeExpression, zoneName } from './cron.ts';
import { scheduleName } from './schedule-names.ts';

export interface EventBridgeOptions {
  client: SchedulerClient;
  /** Name of the schedule group. */
  group: string;
  /** ARN of the role by which a schedule calls its function. */
  roleArn: string;
  /** ARN of the queue that takes calls that failed for good. */
  deadLettersArn: string;
  stopFunctionArn: string;
  autostartFunctionArn: string;
  clock?: Clock;
}

/**
 * The service looks at each minute once: a schedule for a moment that is past, or within the minute under way, is
 * refused or never rings. The next minute is soon enough for what is late already.
 */
const soonestMs = 60_000;

/** A call that does not come through for an hour is left to the sweep, which by then has stopped or started the workspace. */
const retryPolicy = { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 3_600 };

/** 0.05 + 0.1 + 0.2 + 0.4 = 0.75 s at the longest; who still loses is called again by the change stream. */
const backoff: Backoff = { attempts: 5, firstWaitMs: 50, longestWaitMs: 1_000 };

/** What of a schedule is its own. */
type Own = Pick<CreateScheduleCommandInput, 'ScheduleExpression' | 'ScheduleExpressionTimezone'> & {
  Name: string;
  functionArn: string;
  payload: StopWake | AutostartWake;
};

/**
 * Schedules of EventBridge Scheduler: a one-off one per running workspace, gone once it rang, and a recurring one per
 * workspace that starts by itself. By the clocks of a zone the service rings once for a time that they show twice, and
 * not at all for one that they leave out.
 */
export const eventBridgeScheduler = (options: EventBridgeOptions): Scheduler => {
  const { client, group, clock = () => new Date() } = options;

  const scheduleOf = ({ functionArn, payload, ...own }: Own): CreateScheduleCommandInput => ({
    ...own,
    GroupName: group,
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: functionArn,
      RoleArn: options.roleArn,
      Input: JSON.stringify(payload),
      RetryPolicy: retryPolicy,
      DeadLetterConfig: { Arn: options.deadLettersArn },
    },
  });

  const put = (schedule: CreateScheduleCommandInput): Promise<void> => {
    const create = () => client.send(new CreateScheduleCommand(schedule));
    const update = () => client.send(new UpdateScheduleCommand(schedule));
    return untilDone(
      async () =>
        (await isDone(create, ConflictException)) ||
        // It may ring, or be removed, between the two; then it is made after all.
        (await isDone(update, ConflictException, ResourceNotFoundException)),
    );
  };

  const remove = (name: string): Promise<void> => {
    const remove = () => client.send(new DeleteScheduleCommand({ Name: name, GroupName: group }));
    const removeOrMissing = () => isDone(remove, ResourceNotFoundException);
    return untilDone(() => isDone(removeOrMissing, ConflictException));
  };

  return {
    put: (id, at, payload) => {
      const soonest = clock().getTime() + soonestMs;
      const schedule = scheduleOf({
        Name: scheduleName.stop(id),
        ScheduleExpression: `at(${secondsOf(new Date(Math.max(at.getTime(), soonest)))})`,
        ScheduleExpressionTimezone: 'UTC',
        functionArn: options.stopFunctionArn,
        payload,
      });
      return put({ ...schedule, ActionAfterCompletion: 'DELETE' });
    },
    remove: (id) => remove(scheduleName.stop(id)),
    putRecurring: (id, autostart, payload) =>
      put(
        scheduleOf({
          Name: scheduleName.autostart(id),
          ScheduleExpression: eventBridgeExpression(autostart),
          ScheduleExpressionTimezone: zoneName(autostart),
          functionArn: options.autostartFunctionArn,
          payload,
        }),
      ),
    removeRecurring: (id) => remove(scheduleName.autostart(id)),
  };
};

/** `yyyy-mm-ddThh:mm:ss`, as the service takes it. */
const secondsOf = (at: Date): string => at.toISOString().slice(0, 19);

type Refusal = typeof ConflictException | typeof ResourceNotFoundException;

/** Whether the call was taken; `false` when it was refused in one of these ways. */
const isDone = async (call: () => Promise<unknown>, ...refusals: Refusal[]): Promise<boolean> => {
  try {
    await call();
    return true;
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) return false;
    throw error;
  }
};

const untilDone = async (change: () => Promise<boolean>): Promise<void> => {
  for (let attempt = 1; !(await change()); attempt += 1) {
    if (attempt === backoff.attempts) throw new Error('a schedule could not be changed: others kept changing it');
    await waitAfter(attempt, backoff);
  }
};
