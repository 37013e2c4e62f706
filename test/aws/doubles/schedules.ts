import {
  DeleteScheduleCommand,
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  paginateListSchedules,
  type SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { Cron } from 'croner';

export interface Invocation {
  /** ARN of the function. */
  target: string;
  input: unknown;
}

const momentOf = ({ ScheduleExpression = '', ScheduleExpressionTimezone }: GetScheduleCommandOutput): Date => {
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(ScheduleExpression)?.[1];
  if (at === undefined || ScheduleExpressionTimezone !== 'UTC')
    throw new Error(`not a moment in UTC: ${ScheduleExpression}`);
  return new Date(`${at}Z`);
};

const invocationOf = ({ Target }: GetScheduleCommandOutput): Invocation => ({
  target: Target?.Arn ?? '',
  input: JSON.parse(Target?.Input ?? 'null'),
});

/** All schedules of a group. */
export const schedulesIn = async (client: SchedulerClient, group: string): Promise<GetScheduleCommandOutput[]> => {
  const found: GetScheduleCommandOutput[] = [];
  for await (const { Schedules = [] } of paginateListSchedules({ client }, { GroupName: group })) {
    for (const { Name } of Schedules) found.push(await client.send(new GetScheduleCommand({ Name, GroupName: group })));
  }
  return found;
};

const isOneOff = ({ ScheduleExpression = '' }: GetScheduleCommandOutput): boolean =>
  ScheduleExpression.startsWith('at(');

/** The invocations of recurring schedules between two moments, in order. moto invokes no target. */
export const invocationsBetween = async (client: SchedulerClient, group: string, from: Date, until: Date) => {
  const invocations: (Invocation & { at: Date })[] = [];
  for (const schedule of await schedulesIn(client, group)) {
    if (isOneOff(schedule)) continue;
    const [, time, days] = /^cron\((\d+ \d+) \? \* ([A-Z,]+) \*\)$/.exec(schedule.ScheduleExpression ?? '') ?? [];
    const cron = new Cron(`${time} * * ${days}`, { timezone: schedule.ScheduleExpressionTimezone ?? '' });
    for (let at = cron.nextRun(from); at !== null && at <= until; at = cron.nextRun(at))
      invocations.push({ at, ...invocationOf(schedule) });
  }
  return invocations.sort((a, b) => a.at.getTime() - b.at.getTime());
};

/**
 * Returns the invocations that are due by a moment, earliest first, and deletes the schedules that are then complete.
 */
export const takeDueInvocations = async (client: SchedulerClient, group: string, by: Date): Promise<Invocation[]> => {
  const due = (await schedulesIn(client, group)).filter((schedule) => isOneOff(schedule) && momentOf(schedule) <= by);
  due.sort((a, b) => momentOf(a).getTime() - momentOf(b).getTime());
  for (const { Name, ActionAfterCompletion } of due) {
    if (ActionAfterCompletion === 'DELETE') await client.send(new DeleteScheduleCommand({ Name, GroupName: group }));
  }
  return due.map(invocationOf);
};
