import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../../contracts/audit.ts';
import { untilStatus } from '../../support/berth.ts';
import { linus, refusal, sharingSuite, templates, web, webTarget, whole } from './sharing-suite.ts';

const suite = sharingSuite();
const { givenWorkspace, revoke, share, shares } = suite;

describe('a share', () => {
  test('is created once by repeated requests', async () => {
    const first = await share(web, linus);
    const { id: person } = await suite.berth.as('linus').me();
    expect(await share(web, { kind: 'person', person })).toEqual(first);
    const expiresAt = '2999-01-01T00:00:00.000Z';
    expect(await share(web, linus, suite.demo.id, { expiresAt })).toEqual({ ...first, expiresAt });
    expect(await shares()).toEqual([{ ...first, expiresAt }]);
  });

  test('needs another, existing person, an existing app, and a later end', async () => {
    await expect(share(web, { kind: 'person', person: 'nobody' })).rejects.toEqual(refusal('not_found'));
    await expect(share(web, { kind: 'person', person: 'ada' })).rejects.toEqual(refusal('invalid_request'));
    await expect(share({ kind: 'app', app: 'none' }, linus)).rejects.toEqual(refusal('not_found'));
    const over = { expiresAt: '2020-01-01T00:00:00.000Z' };
    await expect(share(web, linus, suite.demo.id, over)).rejects.toEqual(refusal('invalid_request'));
    expect(await shares()).toEqual([]);
  });

  test('is refused beyond fifty shares', async () => {
    const { id } = await givenWorkspace('many', 'open');
    for (let port = 1; port <= 50; port += 1) await share({ kind: 'port', port }, linus, id);
    await expect(share(web, linus, id)).rejects.toEqual(refusal('quota_exceeded'));
    await share({ kind: 'port', port: 50 }, linus, id);
    expect(await shares(id)).toHaveLength(50);
    expect((await suite.berth.as('linus').listShared()).items[0]?.ports).toHaveLength(50);
  });

  test('is limited by the template, when it is created and later', async () => {
    const { id: closed } = await givenWorkspace('closed', 'closed');
    await expect(share(web, linus, closed)).rejects.toEqual(refusal('forbidden'));
    await expect(share(whole, linus, closed)).rejects.toEqual(refusal('forbidden'));

    const { id } = await givenWorkspace('usual');
    await expect(share(web, { kind: 'everyone' }, id)).rejects.toEqual(refusal('forbidden'));
    await expect(share(whole, { kind: 'group', group: 'engineering' }, id)).rejects.toEqual(refusal('forbidden'));
    await share(web, linus, id);
    await suite.hosts.ticketOf('linus', id, webTarget);
    const file = `${templates.usual}sharing: { apps: none }\n`;
    const { version } = await suite.berth
      .as('grace')
      .publishTemplate({ params: { template: 'usual' }, body: { file } });
    await untilStatus(suite.berth.as('ada'), id, 'running');
    await suite.berth.as('ada').startWorkspace({ params: { workspace: id }, body: { version } });
    await expect(suite.hosts.ticketOf('linus', id, webTarget)).rejects.toEqual(refusal('not_found'));
    expect((await suite.berth.as('linus').listShared()).items).toEqual([]);
    expect(await shares(id)).toEqual([
      expect.objectContaining({ active: false, inactive: expect.stringContaining('nobody') }),
    ]);
  });

  test('is created by the owner; admins may list and revoke, auditors list', async () => {
    const params = { workspace: suite.demo.id };
    const body = { what: web, with: linus };
    await expect(suite.berth.as('grace').createShare({ params, body })).rejects.toEqual(refusal('forbidden'));
    const { id } = await share(web, linus);
    for (const reader of ['grace', 'sam'] as const)
      expect((await suite.berth.as(reader).listShares({ params })).items).toHaveLength(1);
    await expect(suite.berth.as('linus').listShares({ params })).rejects.toEqual(refusal('not_found'));
    await expect(suite.berth.as('sam').revokeShare({ params: { ...params, share: id } })).rejects.toEqual(
      refusal('forbidden'),
    );
    await suite.berth.as('grace').revokeShare({ params: { ...params, share: id } });
    await expect(suite.berth.as('grace').revokeShare({ params: { ...params, share: id } })).rejects.toEqual(
      refusal('not_found'),
    );
  });

  test('is audited with the people who created and revoked it', async () => {
    const shared = await share(web, linus);
    await revoke(shared);
    const { items } = await suite.berth.runtime.rules.table.query({
      pk: `audit#${suite.demo.id}`,
      reverse: true,
      limit: 2,
    });
    const [revoked, created] = items.map((item) => item['event'] as unknown as AuditEvent);
    const { id: actor } = await suite.berth.as('ada').me();
    const { id: person } = await suite.berth.as('linus').me();
    const details = { share: shared.id, what: 'app web', with: `person ${person}` };
    expect(created).toMatchObject({ action: 'share.create', actor, details });
    expect(revoked).toMatchObject({ action: 'share.revoke', actor, details });
  });

  test('with everyone is open to everyone who is signed in', async () => {
    await share(web, { kind: 'everyone' });
    const { host, cookie } = await suite.hosts.signIn('sam', suite.demo.id, webTarget);
    expect((await suite.hosts.send(host, '/', { cookie })).status).toBe(200);
    expect((await suite.hosts.send(host, '/')).status).toBe(401);
  });
});
