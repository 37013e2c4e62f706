import {
  DeleteScheduleCommand,
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  paginateListSchedules,
  type SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { Cron } from 'croner';

export interface Ring {
  /** ARN of the function it calls. */
  target: string;
  input: unknown;
}

const momentOf = ({ ScheduleExpression = '', ScheduleExpressionTimezone }: GetScheduleCommandOutput): Date => {
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(ScheduleExpression)?.[1];
  if (at === undefined || ScheduleExpressionTimezone !== 'UTC') throw new Error(`cannot ring ${ScheduleExpression}`);
  return new Date(`${at}Z`);
};

const ringOf = ({ Target }: GetScheduleCommandOutput): Ring => ({
  target: Target?.Arn ?? '',
  input: JSON.parse(Target?.Input ?? 'null'),
});

/** All schedules of a group, as they stand. */
export const schedulesIn = async (client: SchedulerClient, group: string): Promise<GetScheduleCommandOutput[]> => {
  const found: GetScheduleCommandOutput[] = [];
  for await (const { Schedules = [] } of paginateListSchedules({ client }, { GroupName: group })) {
    for (const { Name } of Schedules) found.push(await client.send(new GetScheduleCommand({ Name, GroupName: group })));
  }
  return found;
};

const isOneOff = ({ ScheduleExpression = '' }: GetScheduleCommandOutput): boolean =>
  ScheduleExpression.startsWith('at(');

/** What recurring schedules ring between two moments, in order: moto rings none. */
export const ringsBetween = async (client: SchedulerClient, group: string, from: Date, until: Date) => {
  const rings: (Ring & { at: Date })[] = [];
  for (const schedule of await schedulesIn(client, group)) {
    if (isOneOff(schedule)) continue;
    const [, time, days] = /^cron\((\d+ \d+) \? \* ([A-Z,]+) \*\)$/.exec(schedule.ScheduleExpression ?? '') ?? [];
    const cron = new Cron(`${time} * * ${days}`, { timezone: schedule.ScheduleExpressionTimezone ?? '' });
    for (let at = cron.nextRun(from); at !== null && at <= until; at = cron.nextRun(at))
      rings.push({ at, ...ringOf(schedule) });
  }
  return rings.sort((a, b) => a.at.getTime() - b.at.getTime());
};

/** Does what moto leaves undone: rings what is due by then, the earliest first, and deletes what completed. */
export const ringDue = async (client: SchedulerClient, group: string, by: Date): Promise<Ring[]> => {
  const due = (await schedulesIn(client, group)).filter((schedule) => isOneOff(schedule) && momentOf(schedule) <= by);
  due.sort((a, b) => momentOf(a).getTime() - momentOf(b).getTime());
  for (const { Name, ActionAfterCompletion } of due) {
    if (ActionAfterCompletion === 'DELETE') await client.send(new DeleteScheduleCommand({ Name, GroupName: group }));
  }
  return due.map(ringOf);
};
