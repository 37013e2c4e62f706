import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { sessionPath } from '../../../contracts/sessions/session.ts';
import type { Share, ShareWhat, ShareWith } from '../../../contracts/workspaces/sharing.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { loadPerson, personItem } from '../../../core/people/person-record.ts';
import { givenBerth, givenTemplates, type TestBerth } from '../../support/berth.ts';
import { appHosts, appsTemplate, untilHealthy } from '../../support/clients/app-hosts.ts';

/** Templates that allow every share, the default ones, and none. */
export const templates = {
  open: appsTemplate('open', 'sharing: { apps: everyone, workspace: everyone }'),
  usual: 'name: usual\ncompute: { kind: process }\napps: [{ name: web }]\n',
  closed: 'name: closed\ncompute: { kind: process }\napps: [{ name: web }]\nsharing: { apps: none, workspace: none }\n',
};

export const linus: ShareWith = { kind: 'person', person: 'linus' };
export const web: ShareWhat = { kind: 'app', app: 'web' };
export const whole: ShareWhat = { kind: 'workspace' };
/** A ticket's target: the app `web`. */
export const webTarget = { for: 'app', app: 'web' } as const;

export const refusal = (error: string) => expect.objectContaining({ error });

/**
 * Starts a Berth for the tests of a file, where ada owns the running workspace `demo`. Its shares are revoked after
 * each test.
 */
export const sharingSuite = () => {
  let berth: TestBerth;
  let minutes = 0;
  let hosts: ReturnType<typeof appHosts>;
  let demo: Workspace;
  beforeAll(async () => {
    const clock = () => new Date(Date.now() + minutes * 60_000);
    berth = await givenBerth({ clock, templateFolders: [givenTemplates(templates)] });
    hosts = appHosts(berth);
    const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'open' } });
    demo = await untilHealthy(berth, 'ada', id);
  });
  afterAll(() => berth.end());

  const share = (what: ShareWhat, other: ShareWith, workspace = demo.id, more: { expiresAt?: string } = {}) =>
    berth.as('ada').createShare({ params: { workspace }, body: { what, with: other, ...more } });
  const revoke = ({ id }: Share, workspace = demo.id) =>
    berth.as('ada').revokeShare({ params: { workspace, share: id } });
  const shares = async (workspace = demo.id) => (await berth.as('ada').listShares({ params: { workspace } })).items;
  afterEach(async () => {
    for (const each of await shares()) await revoke(each);
  });

  return {
    get berth() {
      return berth;
    },
    get hosts() {
      return hosts;
    },
    get demo() {
      return demo;
    },
    advanceClock: (by: number) => {
      minutes += by;
    },
    share,
    revoke,
    shares,
    /** Creates a workspace of ada, without waiting until it runs. It is deleted after the test. */
    givenWorkspace: async (name: string, template = 'usual') => {
      const created = await berth.as('ada').createWorkspace({ body: { name, template } });
      onTestFinished(async () => {
        await berth.as('ada').deleteWorkspace({ params: { workspace: created.id } });
      });
      return created;
    },
    /** Changes a person's groups, like the identity provider. */
    setGroups: async (person: 'linus', groups: string[]) => {
      const { table } = berth.runtime.rules;
      const { id } = await berth.as(person).me();
      const record = await loadPerson(table, id);
      if (record !== undefined) await table.write([{ put: personItem({ ...record, groups }) }]);
    },
    openExec: async (workspace: string, person: 'ada' | 'linus') => {
      const headers = { authorization: `Bearer ${berth.tokenOf(person)}` };
      const socket = new WebSocket(berth.url.replace('http', 'ws') + sessionPath(workspace, 'exec'), { headers });
      await once(socket, 'open');
      return socket;
    },
  };
};
