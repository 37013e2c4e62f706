import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AuditEvent } from '../../../contracts/audit.ts';
import type { ShareWith } from '../../../contracts/workspaces/sharing.ts';
import { untilStatus } from '../../support/berth.ts';
import { linus, refusal, sharingSuite, webTarget, whole } from './sharing-suite.ts';

const suite = sharingSuite();
const { givenWorkspace, openExec, setGroups, share, shares } = suite;

describe('a whole workspace shared with a group', () => {
  const engineering: ShareWith = { kind: 'group', group: 'engineering' };

  test('can be seen and used: builds, logs, sessions, every app and port', async () => {
    await share(whole, engineering);
    const as = suite.berth.as('linus');
    const params = { workspace: 'demo--ada' };
    expect((await as.getWorkspace({ params })).id).toBe(suite.demo.id);
    expect((await as.listBuilds({ params })).items).toHaveLength(1);
    const [seen] = (await as.listShared()).items;
    expect(seen).toMatchObject({ workspace: { id: suite.demo.id }, apps: [{ name: 'web' }, { name: 'other' }] });
    (await openExec('demo--ada', 'linus')).terminate();
    const { host, cookie } = await suite.hosts.signIn('linus', suite.demo.id, { for: 'app', app: 'other' });
    const [, port] = (await suite.hosts.send(host, '/', { cookie })).body.split(' ');
    const byPort = await suite.hosts.signIn('linus', suite.demo.id, { for: 'port', port: Number(port) });
    expect((await suite.hosts.send(byPort.host, '/', { cookie: byPort.cookie })).body).toBe(`other ${port}`);
  });

  test('cannot be managed or shared', async () => {
    const created = await share(whole, engineering);
    const as = suite.berth.as('linus');
    const params = { workspace: suite.demo.id };
    const attempts: (() => Promise<unknown>)[] = [
      () => as.startWorkspace({ params, body: { parameters: {} } }),
      () => as.stopWorkspace({ params }),
      () => as.deleteWorkspace({ params }),
      () => as.extendWorkspace({ params, body: { minutes: 5 } }),
      () => as.removeAutostart({ params }),
      () => as.listShares({ params }),
      () => as.createShare({ params, body: { what: whole, with: { kind: 'everyone' } } }),
      () => as.revokeShare({ params: { ...params, share: created.id } }),
    ];
    for (const attempt of attempts) await expect(attempt(), String(attempt)).rejects.toEqual(refusal('forbidden'));
  });

  test('is closed for a person who leaves the group, open connections included', async () => {
    await share(whole, engineering);
    const socket = await openExec(suite.demo.id, 'linus');
    const closed = once(socket, 'close');
    await setGroups('linus', []);
    onTestFinished(() => setGroups('linus', ['engineering']));
    await closed;
    await expect(openExec(suite.demo.id, 'linus')).rejects.toThrow('404');
    expect((await suite.berth.as('linus').listShared()).items).toEqual([]);
  });

  test('does not extend to a later workspace of the same name', async () => {
    const before = await givenWorkspace('again');
    const byName = 'again--ada';
    await share(whole, linus, before.id);
    expect((await suite.berth.as('linus').getWorkspace({ params: { workspace: byName } })).id).toBe(before.id);
    const { host, cookie } = await suite.hosts.signIn('linus', before.id, webTarget);
    await untilStatus(suite.berth.as('ada'), before.id, 'running');
    await suite.berth.as('ada').deleteWorkspace({ params: { workspace: before.id } });
    expect((await suite.berth.as('linus').listShared()).items).toEqual([]);
    await untilStatus(suite.berth.as('ada'), before.id, 'deleted');

    const after = await givenWorkspace('again');
    expect(await shares(after.id)).toEqual([]);
    await expect(suite.berth.as('linus').getWorkspace({ params: { workspace: byName } })).rejects.toEqual(
      refusal('not_found'),
    );
    expect((await suite.hosts.send(host, '/', { cookie })).status).toBeGreaterThanOrEqual(401);
  });
});

describe('another person’s workspace by its name', () => {
  test('gets the same response whether it exists or not, and both requests are audited', async () => {
    const hidden = await givenWorkspace('hidden');
    const get = async (workspace: string) => {
      const refused = await Promise.allSettled([suite.berth.as('linus').getWorkspace({ params: { workspace } })]);
      return refused.map((one) => (one.status === 'rejected' ? String(one.reason.message) : 'found')).join();
    };
    const [there, gone] = [await get('hidden--ada'), await get('hidden--grace')];
    expect(there.replace('ada', 'grace')).toBe(gone);
    const { id } = await suite.berth.as('linus').me();
    const { items } = await suite.berth.runtime.rules.table.query({ pk: `audit#${id}`, reverse: true, limit: 2 });
    const events = items.map((item) => item['event'] as unknown as AuditEvent);
    expect(events.map(({ action, details }) => [action, details['subject']])).toEqual([
      ['access.refuse', 'hidden--grace'],
      ['access.refuse', hidden.id],
    ]);
  });
});
