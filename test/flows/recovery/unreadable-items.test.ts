import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClient } from '../../../contracts/client/client.ts';
import type { Share, ShareWhat } from '../../../contracts/workspaces/sharing.ts';
import { shareKey } from '../../../core/access/share-record.ts';
import { recentRevocations } from '../../../core/audit/revocations.ts';
import { claimAgentLocation } from '../../../core/connections/agents/agent-locations.ts';
import { replicaRules } from '../../../core/connections/agents/replicas.ts';
import { type HomeRecord, homeItem, homeKey } from '../../../core/homes/home-record.ts';
import { personKey } from '../../../core/people/person-record.ts';
import type { Key } from '../../../core/ports/table.ts';
import { mayRequestAcross } from '../../../core/sharing/audience.ts';
import { workspaceKey } from '../../../core/table/keys.ts';
import { templateKey, versionKey } from '../../../core/templates/template-record.ts';
import { logChunk } from '../../../core/workspaces/build-log.ts';
import { buildKey } from '../../../core/workspaces/records/build-record.ts';
import { stepKey } from '../../../core/workspaces/records/steps.ts';
import { sweep } from '../../../functions/schedule/sweep.ts';
import { givenBerth, givenTemplates, plainTemplate, type TestBerth, untilStatus } from '../../support/berth.ts';
import { workspaceProcesses } from '../../support/processes/workspace-processes.ts';

/** One item that cannot be read must neither hide the others of a list nor be mistaken for one that does not exist. */
const appsTemplate = `
name: apps
compute: { kind: process }
apps: [{ name: web }, { name: docs }]
sharing: { apps: everyone, workspace: everyone }
`;

let berth: TestBerth;
let ahead: number;
let logged: { message: string; fields: Record<string, unknown> }[];
beforeEach(async () => {
  ahead = 0;
  logged = [];
  berth = await givenBerth({
    templateFolders: [givenTemplates({ plain: plainTemplate, apps: appsTemplate })],
    clock: () => new Date(Date.now() + ahead),
    sweepEveryMs: 3_600_000,
    log: (level, message, fields = {}) => void (level === 'error' && logged.push({ message, fields })),
  });
});
afterEach(() => berth.close());

/** Makes an item unreadable: a newer version of Berth wrote it. */
const breakItem = async (key: Key) => {
  const { table } = berth.runtime.rules;
  const item = await table.get(key);
  if (item === undefined) throw new Error(`no item ${key.pk} ${key.sk}`);
  await table.write([{ put: { ...item, schema: 99 } }]);
};

const expectSkipped = ({ pk, sk }: Key) =>
  expect(logged.filter(({ message }) => message.includes('is skipped')).map(({ fields }) => fields['item'])).toContain(
    `${pk} ${sk}`,
  );

const givenRunning = async (name = 'demo', template = 'plain', person: 'ada' | 'linus' = 'ada') => {
  const { id } = await berth.as(person).createWorkspace({ body: { name, template } });
  return untilStatus(berth.as(person), id, 'running');
};

const runSweep = () => sweep(berth.runtime)({ everything: false });

describe('a list skips an unreadable item, and logs its key but nothing of its contents', () => {
  test('workspaces', async () => {
    await givenRunning('one');
    const broken = workspaceKey((await givenRunning('confidential')).id);
    await breakItem(broken);
    const names = async (client = berth.as('ada'), owner: 'me' | 'everyone' = 'me') =>
      (await client.listWorkspaces({ query: { owner } })).items.map(({ name }) => name);
    expect(await names()).toEqual(['one']);
    expect(await names(berth.as('grace'), 'everyone')).toEqual(['one']);
    expectSkipped(broken);
    const text = logged.map(({ fields }) => `${JSON.stringify(fields)} ${String(fields['error'])}`).join('\n');
    expect(text).not.toContain('confidential');
  });

  test('builds', async () => {
    const { id } = await givenRunning();
    const params = { workspace: id };
    await berth.as('ada').stopWorkspace({ params });
    await untilStatus(berth.as('ada'), id, 'stopped');
    await breakItem(buildKey(id, 1));
    expect((await berth.as('ada').listBuilds({ params })).items.map(({ number }) => number)).toEqual([2]);
    expectSkipped(buildKey(id, 1));
  });

  test('the steps and the log of a build', async () => {
    const { id, build } = await givenRunning();
    const chunks = [1, 2, 3].map((seq) =>
      logChunk(build.id, 'agent', { seq, at: new Date().toISOString(), text: `line ${seq}` }),
    );
    await berth.runtime.rules.table.write(chunks);
    await breakItem({ pk: `log#${build.id}#agent`, sk: '0000000002' });
    await breakItem(stepKey(id, 1, 'compute'));
    const params = { workspace: id, build: 1 };
    expect((await berth.as('ada').getBuild({ params })).steps.map(({ name }) => name)).toEqual(['agent']);
    const log = await berth.as('ada').getBuildLog({ params: { ...params, step: 'agent' } });
    expect(log.chunks.map(({ text }) => text)).toEqual(['line 1', 'line 3']);
    expect(log.next).toBe('4');
  });

  test('people, and a search for people', async () => {
    const { id } = await berth.as('linus').me();
    await breakItem(personKey(id));
    const { items } = await berth.as('grace').listPeople();
    expect(items.map(({ name }) => name)).toEqual(['ada', 'grace', 'sam']);
    await berth.signedInAs('sam').me();
    expect((await berth.as('ada').searchPeople({ query: { q: 'li' } })).items).toEqual([]);
    expectSkipped(personKey(id));
    // A person whose record is unreadable is not a new person, and gets no access.
    await expect(berth.as('linus').me()).rejects.toMatchObject({ problem: { status: 500 } });
    await expect(berth.signedInAs('linus').me()).rejects.toMatchObject({ problem: { status: 500 } });
  });

  test('API tokens; the unreadable one is refused', async () => {
    const ada = berth.signedInAs('ada');
    const broken = await ada.createToken({ body: { name: 'broken', days: 1 } });
    await ada.createToken({ body: { name: 'ci', days: 1 } });
    const key = { pk: `token#${broken.id}`, sk: 'token' };
    await breakItem(key);
    const names = (await ada.listTokens()).items.map(({ name }) => name);
    expect(names).toContain('ci');
    expect(names).not.toContain('broken');
    expectSkipped(key);
    const client = createClient({ baseUrl: berth.url, token: () => broken.secret });
    await expect(client.me()).rejects.toMatchObject({ problem: { status: 500 } });
  });

  test('templates and their versions', async () => {
    const grace = berth.as('grace');
    await breakItem(versionKey('plain', 1));
    expect((await grace.listTemplateVersions({ params: { template: 'plain' } })).items).toEqual([]);
    expectSkipped(versionKey('plain', 1));
    await breakItem(templateKey('plain'));
    expect((await grace.listTemplates()).items.map(({ name }) => name)).toEqual(['apps']);
    expectSkipped(templateKey('plain'));
  });

  test('homes', async () => {
    await givenHome('ws-01jd000000000000000000000a');
    await givenHome('ws-01jd000000000000000000000b');
    await breakItem(homeKey('ws-01jd000000000000000000000a'));
    const { items } = await berth.as('grace').listHomes();
    expect(items.map(({ id }) => id)).toEqual(['ws-01jd000000000000000000000b']);
    expectSkipped(homeKey('ws-01jd000000000000000000000a'));
  });
});

const givenHome = async (workspaceId: string, fields: Partial<HomeRecord> = {}) => {
  const since = berth.runtime.rules.clock().toISOString();
  const home: HomeRecord = {
    workspaceId,
    kind: 'process',
    since,
    reason: 'lost',
    state: 'kept',
    revision: 0,
    ...fields,
  };
  await berth.runtime.rules.table.write([{ put: homeItem(home) }]);
};

describe('an unreadable share', () => {
  const share = (workspace: string, what: ShareWhat, person?: string): Promise<Share> =>
    berth.as('ada').createShare({
      params: { workspace },
      body: { what, with: person === undefined ? { kind: 'everyone' } : { kind: 'person', person } },
    });
  const app = (name: string): ShareWhat => ({ kind: 'app', app: name });
  const givenWorkspace = (name: string) => berth.as('ada').createWorkspace({ body: { name, template: 'apps' } });

  test('grants nothing and is skipped in lists; other shares and workspaces stay', async () => {
    const [one, two, three] = [await givenWorkspace('one'), await givenWorkspace('two'), await givenWorkspace('three')];
    const broken = await share(one.id, { kind: 'workspace' }, 'linus');
    await share(one.id, app('web'), 'linus');
    await share(two.id, app('web'), 'linus');
    await share(three.id, app('web'), 'linus');
    await breakItem(shareKey(one.id, broken.id));
    await breakItem(workspaceKey(two.id));
    const { items } = await berth.as('ada').listShares({ params: { workspace: one.id } });
    expect(items.map(({ what }) => what)).toEqual([app('web')]);
    expectSkipped(shareKey(one.id, broken.id));
    const shared = await berth.as('linus').listShared();
    expect(shared.items.map(({ name, workspace }) => [name, workspace])).toEqual([
      ['one', undefined],
      ['three', undefined],
    ]);
    await expect(berth.as('linus').getWorkspace({ params: { workspace: one.id } })).rejects.toMatchObject({
      problem: { status: 404 },
    });
  });

  test('refuses requests across apps, because it is unknown who may open the first app', async () => {
    const { id } = await givenWorkspace('demo');
    const broken = await share(id, app('docs'), 'linus');
    await share(id, app('docs'), 'grace');
    await share(id, app('web'), 'grace');
    await berth.as('ada').revokeShare({ params: { workspace: id, share: broken.id } });
    expect(await mayRequestAcross(berth.runtime.rules, id, 'docs', 'web')).toBe(true);
    await breakItem(shareKey(id, (await share(id, app('docs'), 'linus')).id));
    expect(await mayRequestAcross(berth.runtime.rules, id, 'docs', 'web')).toBe(false);
  });

  test('counts towards the most shares of a workspace', async () => {
    const { id } = await givenWorkspace('demo');
    const items = Array.from({ length: 50 }, (_, n) => ({ put: { ...shareKey(id, `sh-${n}`), schema: 99 } }));
    await berth.runtime.rules.table.write(items);
    await expect(share(id, app('web'), 'linus')).rejects.toMatchObject({
      problem: { type: 'https://berth.dev/errors/quota_exceeded' },
    });
  });

  test('is deleted with its workspace', async () => {
    const { id } = await givenWorkspace('demo');
    const broken = shareKey(id, (await share(id, app('web'))).id);
    await breakItem(broken);
    await berth.as('ada').deleteWorkspace({ params: { workspace: id } });
    expect(await berth.runtime.rules.table.get(broken)).toBeUndefined();
  });
});

test('an unreadable revocation still names the person whose connections are checked again', async () => {
  const { id } = await berth.as('ada').me();
  await berth.as('grace').deactivatePerson({ params: { person: 'ada' } });
  const { rules } = berth.runtime;
  const [sk = ''] = (await recentRevocations(rules, rules.clock())).keys();
  await breakItem({ pk: 'revocations', sk });
  expect([...(await recentRevocations(rules, rules.clock()))]).toEqual([[sk, id]]);
  expectSkipped({ pk: 'revocations', sk });
});

describe('the sweep', () => {
  const pidsOf = (id: string) => workspaceProcesses(berth.dataDir).filter(({ workspace }) => workspace === id);

  test('stops the workspaces of a deactivated person whose deactivation cannot be read', async () => {
    const running = [await givenRunning('one'), await givenRunning('two', 'plain', 'linus')];
    for (const name of ['ada', 'linus'] as const) {
      const { id } = await berth.as(name).me();
      const person = await berth.runtime.rules.table.get(personKey(id));
      const by = { id: 'p-grace', name: 'grace' };
      await berth.runtime.rules.table.write([
        { put: { ...personKey(id), ...person, active: false } },
        { put: { pk: 'deactivations', sk: id, personId: id, by, ...(name === 'ada' ? { schema: 99 } : {}) } },
      ]);
    }
    await runSweep();
    for (const { id } of running) await untilStatus(berth.as('grace'), id, 'stopped');
    const { items } = await berth.runtime.rules.table.query({ pk: 'deactivations', limit: 10 });
    expect(items.map(({ schema }) => schema)).toEqual([99]);
  });

  test('destroys a discarded home beside an unreadable one, which it leaves alone', async () => {
    const [broken, discarded] = ['ws-01jd000000000000000000000a', 'ws-01jd000000000000000000000b'];
    await givenHome(broken, { state: 'discarded' });
    await givenHome(discarded, { state: 'discarded' });
    await breakItem(homeKey(broken));
    await runSweep();
    const { items } = await berth.runtime.rules.table.query({ pk: 'unowned-homes', limit: 10 });
    expect(items.map(({ sk }) => sk)).toEqual([broken]);
  });

  test('does not take the compute and home of an unreadable workspace for orphans', async () => {
    const { id } = await givenRunning();
    await breakItem(workspaceKey(id));
    await runSweep();
    await sweep(berth.runtime)({ everything: true });
    expect(pidsOf(id)).not.toEqual([]);
    expect((await berth.as('grace').listHomes()).items).toEqual([]);
  });

  test('finds the agents of a crashed replica beside unreadable replicas and locations', async () => {
    const [one, two, three] = [await givenRunning('one'), await givenRunning('two'), await givenRunning('three')];
    const replicas = replicaRules({ ...berth.runtime.rules, agentKey: 'key' });
    for (const id of ['r-0', 'r-1']) await replicas.renewReplica({ id, address: '127.0.0.1:1' });
    const claimLocation = ({ id, build }: typeof one, replica: string) =>
      claimAgentLocation(
        berth.runtime.rules.table,
        { workspaceId: id, buildId: build.id },
        { replica, connection: id },
      );
    await claimLocation(one, 'r-0');
    await claimLocation(two, 'r-1');
    await claimLocation(three, 'r-1');
    await breakItem({ pk: 'replica#r-0', sk: 'replica' });
    await breakItem({ pk: `agent-location#${two.id}`, sk: 'agent-location' });
    ahead += 30_000;
    await runSweep();
    const agentOf = async ({ id }: typeof one) =>
      (await berth.as('ada').getWorkspace({ params: { workspace: id } })).agent?.status;
    expect(await agentOf(three)).toBe('disconnected');
    expect([await agentOf(one), await agentOf(two)]).toEqual(['ready', 'ready']);
  });
});
