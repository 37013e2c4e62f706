import { CreateScheduleGroupCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { awsClient } from '../../../adapters/aws-client.ts';
import { type EventBridgeOptions, eventBridgeScheduler } from '../../../adapters/scheduler/eventbridge.ts';
import type { Autostart } from '../../../contracts/workspaces/autostart.ts';
import type { AutostartWake, StopWake } from '../../../contracts/workspaces/workflows.ts';
import { schedulerContract } from '../../ports/scheduler.ts';
import { type Faults, startFaults } from '../doubles/faults.ts';
import { functionArn } from '../doubles/lambda.ts';
import { motoClient } from '../doubles/moto.ts';
import { invocationsBetween, schedulesIn, takeDueInvocations } from '../doubles/schedules.ts';

const endpoint = inject('moto') ?? '';

const givenGroup = async (group: string, at = endpoint) => {
  await new SchedulerClient(awsClient(motoClient(endpoint))).send(new CreateScheduleGroupCommand({ Name: group }));
  const client = new SchedulerClient(awsClient({ ...motoClient(at), requestTimeoutMs: 3_000 }));
  const options: EventBridgeOptions = {
    client,
    group,
    roleArn: 'arn:aws:iam::123456789012:role/schedules',
    deadLettersArn: 'arn:aws:sqs:eu-central-1:123456789012:schedules-dead-letters',
    stopFunctionArn: functionArn('stop'),
    autostartFunctionArn: functionArn('autostart'),
  };
  return { client, options, scheduler: eventBridgeScheduler(options) };
};

const stepMs = 120_000;
const soon = (steps: number) => new Date(Date.now() + steps * stepMs);

describe.runIf(endpoint)('with moto', () => {
  schedulerContract('EventBridge Scheduler', async () => {
    const group = 'contract';
    const { client, scheduler } = await givenGroup(group);
    return {
      scheduler,
      soon,
      firedBy: async (at) => (await takeDueInvocations(client, group, at)).map(({ input }) => input as StopWake),
      autostartsBetween: async (from, until, act) => {
        await act();
        return (await invocationsBetween(client, group, from, until)).map(({ at, input }) => ({
          at,
          wake: input as AutostartWake,
        }));
      },
      close: async () => client.destroy(),
    };
  });

  it('creates a one-off schedule with limited retries and a dead-letter queue', async () => {
    const { client, scheduler } = await givenGroup('shape');
    await scheduler.put('ws-1', new Date('2099-01-02T03:04:05.678Z'), { workspaceId: 'ws-1', buildId: 'ws-1-1' });
    expect(await schedulesIn(client, 'shape')).toMatchObject([
      {
        Name: 'stop-ws-1',
        ScheduleExpression: 'at(2099-01-02T03:04:05)',
        ScheduleExpressionTimezone: 'UTC',
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: {
          Arn: functionArn('stop'),
          Input: '{"workspaceId":"ws-1","buildId":"ws-1-1"}',
          RetryPolicy: { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 3_600 },
          DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-central-1:123456789012:schedules-dead-letters' },
        },
      },
    ]);
  });

  it('creates a recurring schedule as a cron expression in its time zone, with the same limits', async () => {
    const { client, scheduler } = await givenGroup('recurring');
    const autostart: Autostart = { days: ['mon', 'fri'], at: '08:05', timeZone: 'Europe/Berlin' };
    await scheduler.putRecurring('ws-1', autostart, { workspaceId: 'ws-1' });
    const [schedule] = await schedulesIn(client, 'recurring');
    expect(schedule).toMatchObject({
      Name: 'autostart-ws-1',
      ScheduleExpression: 'cron(5 8 ? * MON,FRI *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      // Spreads the starts of people with the same autostart time.
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 },
      Target: {
        Arn: functionArn('autostart'),
        Input: '{"workspaceId":"ws-1"}',
        RetryPolicy: { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 3_600 },
        DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-central-1:123456789012:schedules-dead-letters' },
      },
    });
    expect(schedule?.ActionAfterCompletion).not.toBe('DELETE');
  });

  it('moves a past moment to the next minute, because the service never invokes past ones', async () => {
    const { client, options } = await givenGroup('past');
    const scheduler = eventBridgeScheduler({ ...options, clock: () => new Date('2026-01-01T12:00:30Z') });
    await scheduler.put('ws-1', new Date('2026-01-01T11:00:00Z'), { workspaceId: 'ws-1', buildId: 'b' });
    expect(await schedulesIn(client, 'past')).toMatchObject([{ ScheduleExpression: 'at(2026-01-01T12:01:30)' }]);
  });

  it('fails for a group that does not exist', async () => {
    const { client, options } = await givenGroup('there');
    const scheduler = eventBridgeScheduler({ ...options, client, group: 'not-there' });
    await expect(scheduler.put('ws-1', soon(1), { workspaceId: 'ws-1', buildId: 'b' })).rejects.toThrow();
  });

  describe('with errors of network and service', () => {
    let faults: Faults;
    beforeAll(async () => {
      faults = await startFaults(endpoint);
    });
    afterAll(() => faults?.stop());

    it.each(['throttle', 'fail', 'disconnect', 'lose response', 'stall'] as const)(
      'creates and deletes one schedule after an error: %s',
      async (what) => {
        const group = `after-${what.replace(' ', '-')}`;
        const { client, scheduler } = await givenGroup(group, faults.endpoint);
        faults.inject({ on: /^POST \/schedules/, what }, { on: /^DELETE \/schedules/, what });
        await scheduler.put('ws-1', soon(1), { workspaceId: 'ws-1', buildId: 'b' });
        expect(await schedulesIn(client, group)).toHaveLength(1);
        await scheduler.remove('ws-1');
        expect(await schedulesIn(client, group)).toEqual([]);
      },
    );

    it('creates a schedule again that is completed between its creation and its update', async () => {
      const { client, scheduler } = await givenGroup('between', faults.endpoint);
      faults.inject({
        on: /^POST \/schedules/,
        what: { status: 409, error: 'ConflictException', body: { Message: '' } },
      });
      await scheduler.put('ws-1', soon(1), { workspaceId: 'ws-1', buildId: 'b' });
      expect(await schedulesIn(client, 'between')).toHaveLength(1);
    });

    it('fails after repeated conflicts', async () => {
      const { scheduler } = await givenGroup('disputed', faults.endpoint);
      const disputed = { status: 409, error: 'ConflictException', body: { Message: 'changed just now' } };
      faults.inject({ on: /^(POST|PUT) \/schedules/, what: disputed, times: 10 });
      await expect(scheduler.put('ws-1', soon(1), { workspaceId: 'ws-1', buildId: 'b' })).rejects.toThrow(
        'because of concurrent changes',
      );
    });
  });
});
