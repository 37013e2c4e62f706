import type { DynamoDBRecord } from 'aws-lambda';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { streamHandler } from '../../../adapters/table/dynamodb/stream-records.ts';
import { chainStart, recordAuditEvents } from '../../../core/audit/audit-events.ts';
import { instant, later } from '../../../core/instant.ts';
import { toItem } from '../../../core/table/item.ts';
import { buildKey } from '../../../core/workspaces/records/build-record.ts';
import { workspaceItem } from '../../../core/workspaces/records/workspace-record.ts';
import { givenActiveBuild, givenWorkspace } from '../../../core/workspaces/testing/records.ts';
import { auditChanges } from '../../../functions/stream/audit.ts';
import { workspaceChanges } from '../../../functions/stream/workspaces.ts';
import { auditProblems } from '../../support/checks/audit-chains.ts';
import { mapEventSource } from '../doubles/event-source.ts';
import { type Account, givenAccount } from './account.ts';

const moto = inject('moto');
const dynamo = inject('dynamo');

const given = () => givenActiveBuild(givenWorkspace({ id: `ws-${ulid().toLowerCase()}` }));
const buildItem = ({ build }: ReturnType<typeof given>) => toItem(buildKey(build.workspaceId, build.number), build);

describe.runIf(moto !== null && dynamo !== null)('the change stream of DynamoDB', () => {
  let account: Account;
  const failed: DynamoDBRecord[] = [];
  const mappings: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    account = await givenAccount('streams', { moto: moto ?? '', dynamo: dynamo ?? '' });
    const log = () => undefined;
    const source = {
      streams: account.streams,
      table: account.name,
      retries: 2,
      onFailure: (record: DynamoDBRecord) => failed.push(record),
    };
    const { workflows, scheduler, audit } = account;
    mappings.push(
      await mapEventSource({ ...source, handler: streamHandler(workspaceChanges({ workflows, scheduler, log })) }),
      await mapEventSource({ ...source, handler: streamHandler(auditChanges({ audit, log })) }),
    );
  });
  afterAll(async () => {
    for (const mapping of mappings) await mapping.close();
    account?.close();
  });

  const executionsOf = async (id: string) => (await account.executions()).filter(({ name }) => name === id);

  it('starts an execution for a new build, and none for a changed build', async () => {
    const begun = given();
    await account.table.write([{ put: buildItem(begun) }]);
    await expect.poll(() => executionsOf(begun.build.id)).toEqual([{ name: begun.build.id, status: 'RUNNING' }]);
    await account.table.write([{ put: { ...buildItem(begun), status: 'running' } }]);
    const other = given();
    await account.table.write([{ put: buildItem(other) }]);
    await expect.poll(() => executionsOf(other.build.id)).toHaveLength(1);
    expect(await executionsOf(begun.build.id)).toHaveLength(1);
  });

  it('schedules the stop of a running workspace, and deletes the schedule when it stops', async () => {
    const { workspace } = given();
    const stopAt = instant(later(new Date(), 7_200_000));
    const running = { ...workspace, status: 'running' as const, stopAt };
    const mine = async () => (await account.schedules()).filter(({ Name }) => Name?.endsWith(workspace.id));
    await account.table.write([{ put: workspaceItem(running) }]);
    await expect.poll(mine).toMatchObject([{ ScheduleExpression: `at(${stopAt.slice(0, 19)})` }]);
    await account.table.write([{ put: workspaceItem({ ...running, status: 'stopping', stopAt: undefined }) }]);
    await expect.poll(mine).toEqual([]);
  });

  it('delivers audit events to Kinesis, numbered without gaps and chained', async () => {
    const subject = `ws-${ulid().toLowerCase()}`;
    const event = { action: 'workspace.extend', actor: 'system' } as const;
    let head = chainStart;
    for (let written = 0; written < 60; written += 20) {
      const recorded = recordAuditEvents(
        subject,
        head,
        Array.from({ length: 20 }, () => event),
        new Date(),
      );
      await account.table.write(recorded.changes);
      head = recorded.head;
    }
    const mine = async () => (await account.deliveredAudit()).filter((event) => event.subject === subject);
    await expect.poll(async () => (await mine()).length).toBe(60);
    expect(auditProblems(new Map([[subject, await mine()]]))).toEqual([]);
  });

  it('sends a poison record to the failure destination, and handles the records before and after it', async () => {
    const before = given();
    const poison = given();
    const after = given();
    await account.table.write([{ put: buildItem(before) }]);
    await account.table.write([{ put: { ...buildItem(poison), transition: 'explode' } }]);
    await account.table.write([{ put: buildItem(after) }]);
    await expect.poll(() => executionsOf(after.build.id)).toHaveLength(1);
    expect(await executionsOf(before.build.id)).toHaveLength(1);
    await expect
      .poll(() => failed.map(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S))
      .toEqual([`workspace#${poison.workspace.id}`]);
  });
});
