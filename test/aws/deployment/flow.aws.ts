import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { AuditEvent } from '../../../contracts/audit.ts';
import type { Client } from '../../../contracts/client/client.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { usagePerActivity } from '../../../infra/cost/usage.ts';
import { auditProblems } from '../../support/checks/audit-chains.ts';
import { type Deployment, givenDeployment } from './deployment.ts';

const dynamo = inject('dynamo');

const story = `
name: story
compute: { kind: process }
agent:
  startup: echo "ahoy from $BERTH_WORKSPACE_NAME"
`;
const broken = `
name: broken
compute: { kind: process }
agent:
  startup: exit 3
`;

const limits = { timeout: 60_000, interval: 100 };

const untilBuilt = (client: Client, name: string): Promise<Workspace> =>
  vi.waitUntil(async () => {
    const seen = await client.getWorkspace({ params: { workspace: name } });
    return ['pending', 'running'].includes(seen.build.status) ? undefined : seen;
  }, limits);

const chainsOf = (events: AuditEvent[]): Map<string, AuditEvent[]> => {
  const chains = new Map<string, AuditEvent[]>();
  for (const event of new Map(events.map((each) => [each.id, each])).values()) {
    chains.set(event.subject, [...(chains.get(event.subject) ?? []), event]);
  }
  return chains;
};

describe.runIf(dynamo !== null && inject('moto') !== null)(
  'Berth on DynamoDB, Step Functions, Scheduler, Kinesis',
  () => {
    let berth: Deployment;
    let ada: Client;
    beforeAll(async () => {
      berth = await givenDeployment('flow', dynamo ?? '', [story, broken]);
      ada = await berth.signIn('ada');
    }, 120_000);
    afterAll(async () => {
      await berth?.end();
      expect(berth?.failed, 'records that the change stream gave up on').toEqual([]);
      expect(berth?.errors, 'errors that Berth logged').toEqual([]);
    }, 60_000);

    const scheduleOf = async (id: string, what: 'stop' | 'autostart' = 'stop') =>
      (await berth.account.schedules()).find(({ Name }) => Name === `${what}-${id}`);

    it('creates, schedules, stops, restarts and deletes a workspace', {
      timeout: 240_000,
    }, async () => {
      const { id } = await ada.createWorkspace({ body: { name: 'demo', template: 'story' } });
      const running = await untilBuilt(ada, 'demo');
      expect(running, running.failure?.message).toMatchObject({ status: 'running', agent: { status: 'ready' } });
      const log = await ada.getBuildLog({ params: { workspace: 'demo', build: 1, step: 'startup' } });
      expect(log.chunks.map(({ text }) => text).join('')).toBe('ahoy from demo\n');

      const entered = await berth.account.statesOf('start-workspace', running.build.id);
      expect(entered.filter((state) => !state.startsWith('Wait'))).toEqual([
        'Plan',
        'Apply',
        'IsApplied',
        'AwaitAgent',
        'Complete',
      ]);
      expect(entered.length).toBeLessThanOrEqual(20);

      await expect
        .poll(() => scheduleOf(id), limits)
        .toMatchObject({
          ScheduleExpression: `at(${running.stop?.at.slice(0, 19)})`,
        });
      const [invocation] = await berth.account.takeDueInvocations(new Date(running.stop?.at ?? ''));
      expect(invocation?.input).toEqual({ workspaceId: id, buildId: running.build.id });
      // Its stop time has not come: the function schedules the next check and stops nothing.
      await berth.invoke('stop', invocation?.input);
      expect(await scheduleOf(id)).toBeDefined();
      expect(await ada.getWorkspace({ params: { workspace: 'demo' } })).toMatchObject({ status: 'running' });

      await ada.stopWorkspace({ params: { workspace: 'demo' } });
      expect(await untilBuilt(ada, 'demo')).toMatchObject({ status: 'stopped' });
      expect(await berth.isComputing(id)).toBe(false);
      await expect.poll(() => scheduleOf(id), limits).toBeUndefined();

      const mornings = { days: ['mon', 'tue'] as ['mon', 'tue'], at: '08:00', timeZone: 'Europe/Berlin' };
      const { autostart } = await ada.setAutostart({ params: { workspace: 'demo' }, body: mornings });
      expect(autostart).toMatchObject(mornings);
      await expect
        .poll(() => scheduleOf(id, 'autostart'), limits)
        .toMatchObject({ ScheduleExpression: 'cron(0 8 ? * MON,TUE *)', ScheduleExpressionTimezone: 'Europe/Berlin' });
      // Its autostart is not due, so nothing starts.
      await berth.invoke('autostart', { workspaceId: id });
      expect(await ada.getWorkspace({ params: { workspace: 'demo' } })).toMatchObject({ status: 'stopped' });

      await ada.startWorkspace({ params: { workspace: 'demo' }, body: {} });
      expect(await untilBuilt(ada, 'demo')).toMatchObject({ status: 'running', build: { number: 3 } });
      await ada.deleteWorkspace({ params: { workspace: 'demo' } });
      await expect.poll(async () => (await ada.listWorkspaces()).items, limits).toEqual([]);
      expect(await berth.isComputing(id)).toBe(false);
      await expect.poll(() => scheduleOf(id, 'autostart'), limits).toBeUndefined();
      const names = (await berth.account.executions()).map(({ name }) => name).filter((name) => name.startsWith(id));
      expect(names.sort()).toEqual([1, 2, 3, 4].map((number) => `${id}-${number}`));
    });

    it('starts a workspace whose startup script fails, and marks it as unhealthy', { timeout: 120_000 }, async () => {
      const { id } = await ada.createWorkspace({ body: { name: 'broken', template: 'broken' } });
      const unhealthy = await untilBuilt(ada, 'broken');
      expect(unhealthy).toMatchObject({ status: 'running', unhealthy: { error: 'startup_failed' } });
      expect(await berth.isComputing(id)).toBe(true);
      expect((await berth.account.statesOf('start-workspace', unhealthy.build.id)).at(-1)).toBe('Complete');
      await ada.deleteWorkspace({ params: { workspace: 'broken' } });
    });

    it('stops a workspace whose start is canceled while it waits', { timeout: 120_000 }, async () => {
      const linus = await berth.signIn('linus');
      await linus.createWorkspace({ body: { name: 'hasty', template: 'story' } });
      await linus.stopWorkspace({ params: { workspace: 'hasty' } });
      const settled = await vi.waitUntil(async () => {
        const seen = await linus.getWorkspace({ params: { workspace: 'hasty' } });
        return seen.status === 'stopped' ? seen : undefined;
      }, limits);
      expect(await berth.isComputing(settled.id)).toBe(false);
    });

    it('delivers every audit event to the stream, in complete chains', async () => {
      const delivered = async () => chainsOf(await berth.account.deliveredAudit());
      const demo = async () =>
        [...(await delivered()).values()]
          .find((events) => events.some(({ action }) => action === 'workspace.delete'))
          ?.map(({ action }) => action) ?? [];
      await expect
        .poll(async () => (await demo()).filter((action) => action === 'build.succeed'), limits)
        .toHaveLength(4);
      expect(await demo()).toEqual(expect.arrayContaining(['workspace.create', 'workspace.stop', 'workspace.start']));
      expect(auditProblems(await delivered())).toEqual([]);
    });

    it('creates a workspace with the expected requests to each service, and without lists', {
      timeout: 120_000,
    }, async () => {
      const before = { ...berth.account.sent };
      const begun = performance.now();
      const { id } = await ada.createWorkspace({ body: { name: 'counted', template: 'story' } });
      await untilBuilt(ada, 'counted');
      await expect.poll(() => scheduleOf(id), limits).toBeDefined();
      const isDelivered = ({ subject, action }: AuditEvent) => subject === id && action === 'build.succeed';
      await expect.poll(async () => (await berth.account.deliveredAudit()).some(isDelivered), limits).toBe(true);

      const sent = Object.fromEntries(
        Object.entries(berth.account.sent).map(([name, times]) => [name, times - (before[name] ?? 0)]),
      );
      // The test itself reads the schedules and the audit stream.
      const ofThisTest = /^(ListSchedules|GetSchedule|ListShards|GetShardIterator|GetRecords|DescribeStream.*)$/;
      const {
        GetItem: gets = 0,
        Query: queries = 0,
        TransactWriteItems: transactions = 0,
        PutItem: puts = 0,
        ...others
      } = sent;
      const requests = Object.entries(others).filter(([name, times]) => times > 0 && !ofThisTest.test(name));
      expect(Object.fromEntries(requests)).toEqual({
        StartExecution: 1,
        SendTaskSuccess: 1,
        CreateSchedule: 1,
        PutRecords: expect.toSatisfy((times: number) => times <= 4),
      });
      // The reads include those of this test; test/flows/api/cost-model.test.ts counts those of the table alone.
      expect(queries).toBeLessThan(gets);
      // The gateway renews its lease every 10 s, however long the create takes.
      const renewals = 1 + Math.floor((performance.now() - begun) / 10_000);
      expect(transactions + puts).toBeLessThanOrEqual(usagePerActivity.create.transactions + renewals);
    });
  },
);
