import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, createClient } from '../../../contracts/client/client.ts';
import { reportHome } from '../../../core/homes/report.ts';
import type { Table } from '../../../core/ports/table.ts';
import { createApi } from '../../../functions/api/api.ts';
import { allHandlers } from '../../../functions/api/handlers.ts';
import { givenBerth, type TestBerth, untilStatus } from '../../support/berth.ts';
import { fetchFrom } from '../../support/clients/handler-fetch.ts';

/**
 * Every table access of a request is a get, a bounded query or one transaction, and their number is fixed. The first
 * two gets of each read the API token and its person.
 */
interface Accesses {
  get: number;
  query: number;
  write: number;
}

let berth: TestBerth;
let counted: Accesses;
let ada: Client;
let grace: Client;
let linus: Client;

/** A second API over the same table that counts its accesses; those of the workflows are not counted. */
beforeAll(async () => {
  berth = await givenBerth();
  const { rules } = berth.runtime;
  const table: Table = {
    get: (key) => {
      counted.get += 1;
      return rules.table.get(key);
    },
    query: (query) => {
      counted.query += 1;
      expect(query.limit).toBeLessThanOrEqual(100);
      return rules.table.query(query);
    },
    write: (changes) => {
      counted.write += 1;
      return rules.table.write(changes);
    },
  };
  const api = createApi({ ...berth.runtime, rules: { ...rules, table } }, allHandlers);
  const as = (person: string) =>
    createClient({ baseUrl: berth.url, token: () => berth.tokenOf(person), fetch: fetchFrom(api) });
  [ada, grace, linus] = [as('ada'), as('grace'), as('linus')];
});
afterAll(() => berth.end());

const accesses = async (request: () => Promise<unknown>): Promise<Accesses> => {
  counted = { get: 0, query: 0, write: 0 };
  await request();
  return counted;
};

test('each route uses its number of table accesses', async () => {
  const create = await accesses(() => ada.createWorkspace({ body: { name: 'demo', template: 'plain' } }));
  const { id } = await berth.as('ada').getWorkspace({ params: { workspace: 'demo' } });
  const params = { workspace: id };
  await untilStatus(berth.as('ada'), id, 'running');

  const pushed = { params: { template: 'pushed' }, body: { file: 'name: pushed\ncompute: { kind: process }\n' } };

  const [adopted, discarded] = [`ws-${'0'.repeat(26)}`, `ws-${'1'.repeat(26)}`];
  for (const workspaceId of [adopted, discarded]) {
    const knownAs = { name: 'before', template: 'plain' };
    await reportHome(berth.runtime.rules, { workspaceId, kind: 'process', since: '', reason: '', knownAs });
  }

  let share = '';
  const seen: Record<string, Accesses> = {
    create,
    me: await accesses(() => ada.me()),
    listTokens: await accesses(() => ada.listTokens()),
    getGitKey: await accesses(() => ada.getGitKey()),
    makeGitKey: await accesses(() => ada.makeGitKey({ body: { rotate: true } })),
    hasGitKey: await accesses(() => ada.makeGitKey({ body: {} })),
    listPeople: await accesses(() => grace.listPeople()),
    searchPeople: await accesses(() => ada.searchPeople({ query: { q: 'linus' } })),
    deactivatePerson: await accesses(() => grace.deactivatePerson({ params: { person: 'linus' } })),
    activatePerson: await accesses(() => grace.activatePerson({ params: { person: 'linus' } })),
    listHomes: await accesses(() => grace.listHomes()),
    adoptHome: await accesses(() => grace.adoptHome({ params: { home: adopted }, body: { owner: 'ada' } })),
    discardHome: await accesses(() => grace.discardHome({ params: { home: discarded } })),
    listTemplates: await accesses(() => ada.listTemplates()),
    getTemplate: await accesses(() => ada.getTemplate({ params: { template: 'plain' } })),
    listTemplateVersions: await accesses(() => ada.listTemplateVersions({ params: { template: 'plain' } })),
    publishTemplate: await accesses(() => grace.publishTemplate(pushed)),
    publishedAlready: await accesses(() => grace.publishTemplate(pushed)),
    getTemplateSource: await accesses(() => grace.getTemplateSource({ params: { template: 'pushed' } })),
    lintTemplate: await accesses(() => grace.lintTemplate(pushed)),
    previewTemplate: await accesses(() => ada.previewTemplate({ params: { template: 'plain' }, body: {} })),
    promoteTemplate: await accesses(() =>
      grace.promoteTemplate({ params: { template: 'pushed' }, body: { version: 1 } }),
    ),
    deprecateTemplate: await accesses(() => grace.deprecateTemplate({ params: { template: 'pushed' }, body: {} })),
    listWorkspaces: await accesses(() => ada.listWorkspaces()),
    getWorkspace: await accesses(() => ada.getWorkspace({ params })),
    getWorkspaceByName: await accesses(() => ada.getWorkspace({ params: { workspace: 'demo' } })),
    listBuilds: await accesses(() => ada.listBuilds({ params })),
    getBuild: await accesses(() => ada.getBuild({ params: { ...params, build: 1 } })),
    getBuildLog: await accesses(() => ada.getBuildLog({ params: { ...params, build: 1, step: 'compute' } })),
    extendWorkspace: await accesses(() => ada.extendWorkspace({ params, body: { minutes: 30 } })),
    setAutostart: await accesses(() =>
      ada.setAutostart({ params, body: { days: ['mon'], at: '08:30', timeZone: 'Europe/Berlin' } }),
    ),
    removeAutostart: await accesses(() => ada.removeAutostart({ params })),
    joinedStart: await accesses(() => ada.startWorkspace({ params, body: {} })),
    createTicket: await accesses(() => ada.createTicket({ params, body: { for: 'session' } })),
    createShare: await accesses(async () => {
      const body = { what: { kind: 'workspace' }, with: { kind: 'person', person: 'linus' } } as const;
      ({ id: share } = await ada.createShare({ params, body }));
    }),
    listShares: await accesses(() => ada.listShares({ params })),
    listShared: await accesses(() => linus.listShared()),
    getShared: await accesses(() => linus.getShared({ params })),
    getSharedByName: await accesses(() => linus.getShared({ params: { workspace: 'demo--ada' } })),
    getWorkspaceShared: await accesses(() => linus.getWorkspace({ params })),
    revokeShare: await accesses(() => ada.revokeShare({ params: { ...params, share } })),
    stopWorkspace: await accesses(() => ada.stopWorkspace({ params })),
    deleteWorkspace: await accesses(() => ada.deleteWorkspace({ params })),
  };
  expect(seen).toEqual({
    // A person's first workspace also creates their git key: two of the gets and a write.
    create: { get: 6, query: 0, write: 2 },
    me: { get: 2, query: 0, write: 0 },
    listHomes: { get: 2, query: 1, write: 0 },
    adoptHome: { get: 7, query: 1, write: 1 },
    discardHome: { get: 3, query: 1, write: 1 },
    listTokens: { get: 2, query: 1, write: 0 },
    getGitKey: { get: 3, query: 0, write: 0 },
    makeGitKey: { get: 4, query: 0, write: 1 },
    hasGitKey: { get: 3, query: 0, write: 0 },
    listPeople: { get: 2, query: 1, write: 0 },
    // And a get for each person found, at most eight.
    searchPeople: { get: 3, query: 2, write: 0 },
    // And two gets and a write for each running workspace.
    deactivatePerson: { get: 7, query: 1, write: 2 },
    activatePerson: { get: 5, query: 0, write: 1 },
    listTemplates: { get: 2, query: 1, write: 0 },
    getTemplate: { get: 4, query: 0, write: 0 },
    listTemplateVersions: { get: 3, query: 1, write: 0 },
    publishTemplate: { get: 3, query: 0, write: 1 },
    publishedAlready: { get: 3, query: 0, write: 0 },
    getTemplateSource: { get: 4, query: 0, write: 0 },
    lintTemplate: { get: 2, query: 0, write: 0 },
    previewTemplate: { get: 4, query: 0, write: 0 },
    // The version is already active.
    promoteTemplate: { get: 5, query: 0, write: 0 },
    deprecateTemplate: { get: 4, query: 0, write: 1 },
    listWorkspaces: { get: 2, query: 1, write: 0 },
    // The last get is the template, for the active version.
    getWorkspace: { get: 4, query: 0, write: 0 },
    getWorkspaceByName: { get: 5, query: 0, write: 0 },
    listBuilds: { get: 3, query: 1, write: 0 },
    getBuild: { get: 4, query: 1, write: 0 },
    getBuildLog: { get: 5, query: 1, write: 0 },
    extendWorkspace: { get: 3, query: 0, write: 1 },
    setAutostart: { get: 3, query: 0, write: 1 },
    removeAutostart: { get: 3, query: 0, write: 1 },
    joinedStart: { get: 4, query: 0, write: 0 },
    createTicket: { get: 4, query: 0, write: 1 },
    createShare: { get: 5, query: 1, write: 1 },
    listShares: { get: 3, query: 1, write: 0 },
    // A query for the person, for everyone and for each of their groups; a get for each workspace.
    listShared: { get: 3, query: 3, write: 0 },
    getShared: { get: 3, query: 1, write: 0 },
    getSharedByName: { get: 5, query: 1, write: 0 },
    getWorkspaceShared: { get: 4, query: 1, write: 0 },
    revokeShare: { get: 4, query: 0, write: 1 },
    stopWorkspace: { get: 3, query: 0, write: 1 },
    deleteWorkspace: { get: 4, query: 1, write: 1 },
  });
  await untilStatus(berth.as('ada'), id, 'deleted');
});
