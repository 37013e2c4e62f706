import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { localSealer } from '../../../adapters/sealer/local.ts';
import type { AuditEvent } from '../../../contracts/audit.ts';
import { sessionPath } from '../../../contracts/sessions/session.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { gatewayRules } from '../../../core/connections/gateway-rules.ts';
import { loadPerson, type PersonRecord } from '../../../core/people/person-record.ts';
import type { Table } from '../../../core/ports/table.ts';
import { wakeForAutostart } from '../../../core/workspaces/automatic/autostart.ts';
import { deactivatePerson } from '../../../core/workspaces/people/activation.ts';
import { sweep } from '../../../functions/schedule/sweep.ts';
import { OpenConnections } from '../../../gateway/access/open-connections.ts';
import { watchRevocations } from '../../../gateway/access/revocations.ts';
import { givenBerth, type TestBerth, untilStatus } from '../../support/berth.ts';
import { auditProblems, deliveredAudit } from '../../support/checks/audit-chains.ts';
import { givenExec } from '../../support/clients/exec.ts';

let berth: TestBerth;
let laterMs: number;
beforeEach(async () => {
  laterMs = 0;
  berth = await givenBerth({ clock: () => new Date(Date.now() + laterMs), sweepEveryMs: 3_600_000 });
});
afterEach(() => berth.end());

const person = (name: string) => ({ params: { person: name } });
const deactivate = (name: string) => berth.as('grace').deactivatePerson(person(name));
const activate = (name: string) => berth.as('grace').activatePerson(person(name));

const givenRunning = async (name = 'demo'): Promise<Workspace> => {
  const { id } = await berth.as('ada').createWorkspace({ body: { name, template: 'plain' } });
  return untilStatus(berth.as('ada'), id, 'running');
};

const auditEventsOf = async (id: string): Promise<AuditEvent[]> => {
  const { items } = await berth.runtime.rules.table.query({ pk: `audit#${id}`, limit: 1000 });
  return items.map((item) => item['event'] as unknown as AuditEvent);
};

describe('an interrupted deactivation', () => {
  /** The table of a process that is killed after this number of writes. */
  const tableKilledAfter = (writes: number): Table => {
    const { table } = berth.runtime.rules;
    let left = writes;
    return {
      get: (key) => table.get(key),
      query: (query) => table.query(query),
      write: async (changes) => {
        left -= 1;
        if (left < 0) throw new Error('killed');
        await table.write(changes);
      },
    };
  };

  test.each([1, 2])(
    'after %i of its writes is completed by the sweep, and audited as the admin’s actions',
    async (writes) => {
      const running = [await givenRunning('one'), await givenRunning('two')];
      const { id } = await berth.as('grace').me();
      const grace = await loadPerson(berth.runtime.rules.table, id);
      const killed = { ...berth.runtime.rules, table: tableKilledAfter(writes) };
      await expect(deactivatePerson(killed, grace as PersonRecord, 'ada')).rejects.toThrow('killed');
      await sweep(berth.runtime)({ everything: false });
      for (const workspace of running) {
        await untilStatus(berth.as('grace'), workspace.id, 'stopped');
        const stop = (await auditEventsOf(workspace.id)).find(({ action }) => action === 'workspace.stop');
        expect(stop).toMatchObject({ actor: id, details: { reason: 'deactivated' } });
      }
      await sweep(berth.runtime)({ everything: false });
      expect((await berth.runtime.rules.table.query({ pk: 'deactivations', limit: 1 })).items).toEqual([]);
    },
  );

  test('is not completed once the person is active again', async () => {
    const { id: workspace } = await givenRunning();
    const { id } = await berth.as('grace').me();
    const grace = await loadPerson(berth.runtime.rules.table, id);
    const killed = { ...berth.runtime.rules, table: tableKilledAfter(1) };
    await expect(deactivatePerson(killed, grace as PersonRecord, 'ada')).rejects.toThrow('killed');
    await activate('ada');
    await sweep(berth.runtime)({ everything: false });
    expect(await berth.as('ada').getWorkspace({ params: { workspace } })).toMatchObject({ desired: 'running' });
  });
});

describe('a deactivated person', () => {
  test('is refused at the next request by a live sign-in token and an API token, until activated', async () => {
    const bySignIn = berth.signedInAs('ada');
    expect((await bySignIn.me()).name).toBe('ada');
    expect(await deactivate('ada')).toMatchObject({ name: 'ada', active: false });
    for (const client of [bySignIn, berth.as('ada')]) {
      await expect(client.me()).rejects.toMatchObject({
        problem: { status: 401, detail: expect.stringContaining('not active') },
      });
    }
    expect(await activate('ada')).toMatchObject({ active: true });
    expect((await bySignIn.me()).name).toBe('ada');
    expect((await berth.as('ada').me()).name).toBe('ada');
  });

  test('loses open connections, and their workspaces stop, audited as the admin’s actions', async () => {
    const [running, stopped] = [await givenRunning(), await givenRunning('other')];
    await berth.as('ada').stopWorkspace({ params: { workspace: stopped.id } });
    await untilStatus(berth.as('ada'), stopped.id, 'stopped');
    const before = await berth.as('ada').getWorkspace({ params: { workspace: stopped.id } });
    const url = berth.url.replace('http', 'ws') + sessionPath(running.id, 'terminal');
    const terminal = new WebSocket(url, { headers: { authorization: `Bearer ${berth.tokenOf('ada')}` } });
    await once(terminal, 'open');
    const closed = once(terminal, 'close');

    await deactivate('ada');
    // By the revocation, or by the stop of the workspace, whichever comes first; the next test separates them.
    await closed;

    const grace = berth.as('grace');
    const { id } = await grace.me();
    expect((await untilStatus(grace, running.id, 'stopped')).build).toMatchObject({ number: 2, reason: 'person' });
    expect(await grace.getWorkspace({ params: { workspace: stopped.id } })).toEqual(before);
    const stop = (await auditEventsOf(running.id)).find(({ action }) => action === 'workspace.stop');
    expect(stop).toMatchObject({ actor: id, details: { build: 2, reason: 'deactivated' } });
    await expect.poll(() => auditProblems(deliveredAudit(berth.dataDir))).toEqual([]);
  });

  test('loses open connections by the recorded revocation, also when access is re-checked rarely', async () => {
    const { id } = await givenRunning();
    const { rules, identity, agentKey } = berth.runtime;
    const sealer = localSealer('a sealing secret for tests without agents');
    const gateway = gatewayRules(rules, identity, { agentKey, identities: {}, sealer });
    const open = new OpenConnections(3_600_000);
    const { grant } = await gateway.openSession({ bearer: berth.tokenOf('ada') }, id, 'exec');
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    const close = open.add(grant, resolve);
    const stop = watchRevocations(gateway, open, () => undefined);
    await deactivate('ada');
    const deactivatedAt = performance.now();
    expect(await ended).toContain('not active');
    // The next poll comes within 900 ms; the rest is for a busy machine.
    expect(performance.now() - deactivatedAt).toBeLessThan(3_000);
    close();
    stop();
  });

  test('cannot have a workspace started: not by a request in progress, by an admin, or by autostart', async () => {
    const { id } = await givenRunning();
    const params = { workspace: id };
    const body = { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const, at: '08:30', timeZone: 'UTC' };
    await berth.as('ada').setAutostart({ params, body: { ...body, days: [...body.days] } });
    await deactivate('ada');
    const grace = berth.as('grace');
    const { autostart } = await untilStatus(grace, id, 'stopped');
    const due = Date.parse(autostart?.next ?? '');
    laterMs = due - Date.now() + 1_000;
    expect(await wakeForAutostart(berth.runtime.rules, id)).toBe('nothing');
    const after = await grace.getWorkspace({ params });
    expect(after).toMatchObject({ status: 'stopped', build: { number: 2 } });
    expect(Date.parse(after.autostart?.next ?? '')).toBe(due + 86_400_000);

    await grace.startWorkspace({ params, body: {} });
    expect(await untilStatus(grace, id, 'failed')).toMatchObject({
      failure: { error: 'forbidden', message: expect.stringContaining('The account of ada') },
    });
    await activate('ada');
    await berth.as('ada').startWorkspace({ params, body: {} });
    await untilStatus(berth.as('ada'), id, 'running');
    const echo = await givenExec(berth, id, ['echo', 'back']);
    expect(await echo.exit).toBe(0);
  });

  test('has the remaining workspaces stopped by a repeated deactivation, without another audit event', async () => {
    const ada = await berth.as('ada').me();
    await deactivate('ada');
    await activate('ada');
    const { id } = await givenRunning();
    const { rules } = berth.runtime;
    const item = await rules.table.get({ pk: `person#${ada.id}`, sk: 'person' });
    await rules.table.write([{ put: { ...item, pk: `person#${ada.id}`, sk: 'person', active: false } }]);
    await deactivate('ada');
    await untilStatus(berth.as('grace'), id, 'stopped');
    await deactivate(ada.id);
    expect((await berth.as('grace').getWorkspace({ params: { workspace: id } })).build.number).toBe(2);
    const events = (await auditEventsOf(ada.id)).filter(({ action }) => /^person\.(de)?activate$/.test(action));
    expect(events.map(({ action }) => action)).toEqual(['person.deactivate', 'person.activate']);
  });

  test('stays deactivated when Berth restarts', async () => {
    const { dataDir } = berth;
    await deactivate('ada');
    await berth.close();
    berth = await givenBerth({ dataDir });
    await expect(berth.as('ada').me()).rejects.toMatchObject({ problem: { status: 401 } });
    await activate('ada');
    expect((await berth.as('ada').me()).name).toBe('ada');
  });
});

describe('permissions', () => {
  const refusalsOf = async (name: 'ada' | 'sam' | 'grace') => {
    const { id } = await berth.as(name).me();
    const refusals = (await auditEventsOf(id)).filter(({ action }) => action === 'access.refuse');
    return refusals.map(({ details }) => details);
  };

  test('members and auditors cannot deactivate or activate people, and each refusal is audited', async () => {
    const linus = await berth.as('linus').me();
    for (const [name, status] of [
      ['ada', 404],
      ['sam', 403],
    ] as const) {
      const client = berth.as(name);
      await expect(client.deactivatePerson(person('linus'))).rejects.toMatchObject({ problem: { status } });
      await expect(client.activatePerson(person(linus.id))).rejects.toMatchObject({ problem: { status } });
    }
    expect((await berth.as('linus').me()).name).toBe('linus');
    const refused = (route: string) => ({ route, subject: linus.id });
    expect(await refusalsOf('ada')).toEqual([refused('deactivatePerson'), refused('activatePerson')]);
    expect(await refusalsOf('sam')).toEqual([refused('deactivatePerson'), refused('activatePerson')]);
  });

  test('members cannot find out whether a person exists, nor list people', async () => {
    const refusalOf = async (name: string) => {
      const attempt = berth.as('ada').deactivatePerson(person(name));
      const problem = await attempt.then(
        () => undefined,
        (error) => error.problem,
      );
      return { status: problem.status, detail: problem.detail.replace(name, 'NAME') };
    };
    expect(await refusalOf('linus')).toEqual(await refusalOf('nobody'));
    await expect(berth.as('ada').listPeople()).rejects.toMatchObject({ problem: { status: 403 } });
    expect(await refusalsOf('ada')).toContainEqual({ route: 'listPeople', subject: 'people' });
  });

  test('admins cannot deactivate themselves, who might be the last admin', async () => {
    await expect(deactivate('grace')).rejects.toMatchObject({
      problem: { status: 403, detail: expect.stringContaining('Ask another admin') },
    });
    expect(await berth.as('grace').activatePerson(person('grace'))).toMatchObject({ active: true });
    expect((await refusalsOf('grace')).map(({ route }) => route)).toEqual(['deactivatePerson']);
  });

  test('admins and auditors list people by name; only admins see e-mail addresses', async () => {
    await deactivate('linus');
    const { items } = await berth.as('grace').listPeople();
    expect(items.map(({ name, active, email }) => [name, active, email])).toEqual([
      ['ada', true, 'ada@example.com'],
      ['grace', true, 'grace@example.com'],
      ['linus', false, 'linus@example.com'],
      ['sam', true, 'sam@example.com'],
    ]);
    const seen = await berth.as('sam').listPeople({ query: { limit: 3 } });
    expect(seen.items.map(({ name }) => name)).toEqual(['ada', 'grace', 'linus']);
    expect(seen.next).toBeDefined();
    expect(JSON.stringify(seen)).not.toContain('@');
  });
});

describe('a search for people', () => {
  const search = async (name: 'ada' | 'linus' | 'sam', q: string) =>
    (await berth.as(name).searchPeople({ query: { q } })).items;

  test('finds active people by the beginning of either name after they signed in, and returns only names', async () => {
    for (const name of ['ada', 'linus', 'grace', 'sam'] as const) await berth.signedInAs(name).me();
    const { id } = await berth.as('linus').me();
    const linus = { id, name: 'linus', displayName: 'Linus Torvalds' };
    for (const q of ['li', 'LINUS', 'linus t', ' linus ']) expect(await search('ada', q)).toEqual([linus]);
    expect(await search('linus', 'linus')).toEqual([]);
    for (const q of ['linus@', 'example', 'torvalds@example', 'zz']) expect(await search('ada', q)).toEqual([]);
    for (const q of ['l', '  ', 'x'.repeat(41)])
      await expect(search('ada', q)).rejects.toMatchObject({ problem: { status: 400 } });
    await deactivate('linus');
    expect(await search('ada', 'linus')).toEqual([]);
  });
});
