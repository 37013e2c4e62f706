import { setTimeout as delay } from 'node:timers/promises';
import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  type SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { type BackOff, backOffMs, fullJitter } from '../../base/back-off.ts';
import { autostartWindowMinutes } from '../../contracts/workspaces/autostart.ts';
import type { AutostartWake, StopWake } from '../../contracts/workspaces/workflows.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Scheduler } from '../../core/ports/scheduler.ts';
import { eventBridgeExpression, zoneName } from './cron.ts';

export interface EventBridgeOptions {
  client: SchedulerClient;
  /** Name of the schedule group. */
  group: string;
  /** ARN of the role that a schedule assumes to invoke its function. */
  roleArn: string;
  /** ARN of the dead-letter queue for invocations that failed permanently. */
  deadLettersArn: string;
  stopFunctionArn: string;
  autostartFunctionArn: string;
  clock?: Clock;
}

/**
 * Schedules share one group, so a prefix of the workspace's ID distinguishes them. Names have at most 64 characters.
 */
const scheduleName = {
  stop: (workspaceId: string): string => `stop-${workspaceId}`,
  autostart: (workspaceId: string): string => `autostart-${workspaceId}`,
};

/**
 * EventBridge Scheduler evaluates each minute once: it rejects or never fires a schedule whose time is in the past or
 * in the current minute. The next minute is soon enough for a schedule that is already late.
 */
const soonestMs = 60_000;

/** Spreads schedules of the same time, such as "half past eight", so that they do not all start within one second. */
const autostartWindow: CreateScheduleCommandInput['FlexibleTimeWindow'] = {
  Mode: 'FLEXIBLE',
  MaximumWindowInMinutes: autostartWindowMinutes,
};

/** After an hour without success an invocation is left to the sweep, which has handled the workspace by then. */
const retryPolicy = { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 3_600 };

/** Waits at most 0.05 + 0.1 + 0.2 + 0.4 = 0.75 s; after that, the change stream retries. */
const attempts = 5;
const backOff: BackOff = { firstDelayMs: 50, longestDelayMs: 1_000, jitter: fullJitter };

/** The properties in which schedules differ. */
type Own = Pick<CreateScheduleCommandInput, 'ScheduleExpression' | 'ScheduleExpressionTimezone'> & {
  Name: string;
  functionArn: string;
  payload: StopWake | AutostartWake;
};

/**
 * Schedules of EventBridge Scheduler: a one-off schedule per running workspace, deleted after it fired, and a recurring
 * one per workspace with autostart. When a time zone's clocks change, a repeated time fires once and a skipped time
 * does not fire.
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
        // The schedule may fire or be deleted between the two calls; then it is created after all.
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
      put({
        ...scheduleOf({
          Name: scheduleName.autostart(id),
          ScheduleExpression: eventBridgeExpression(autostart),
          ScheduleExpressionTimezone: zoneName(autostart),
          functionArn: options.autostartFunctionArn,
          payload,
        }),
        FlexibleTimeWindow: autostartWindow,
      }),
    removeRecurring: (id) => remove(scheduleName.autostart(id)),
  };
};

/** Returns `yyyy-mm-ddThh:mm:ss`, the service's format. */
const secondsOf = (at: Date): string => at.toISOString().slice(0, 19);

type Expected = typeof ConflictException | typeof ResourceNotFoundException;

/** Returns whether the call succeeded; `false` if it failed with one of these errors. */
const isDone = async (call: () => Promise<unknown>, ...expected: Expected[]): Promise<boolean> => {
  try {
    await call();
    return true;
  } catch (error) {
    if (expected.some((type) => error instanceof type)) return false;
    throw error;
  }
};

const untilDone = async (change: () => Promise<boolean>): Promise<void> => {
  for (let attempt = 1; !(await change()); attempt += 1) {
    if (attempt === attempts) throw new Error('a schedule could not be changed, because of concurrent changes');
    await delay(backOffMs(attempt, backOff));
  }
};
