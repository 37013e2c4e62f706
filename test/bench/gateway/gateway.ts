import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { openSqliteTable, type SqliteTable } from '../../../adapters/table/sqlite/table.ts';
import { replicaRules } from '../../../core/connections/agents/replicas.ts';
import { gatewayRules } from '../../../core/connections/gateway-rules.ts';
import { redeemAppTicket } from '../../../core/connections/sessions/app-sessions.ts';
import { createTicket } from '../../../core/connections/sessions/tickets.ts';
import { agentToken, oneTimeToken } from '../../../core/crypto/secrets.ts';
import { personItem } from '../../../core/people/person-record.ts';
import { ada } from '../../../core/people/testing/records.ts';
import { createToken } from '../../../core/people/tokens.ts';
import type { Rules } from '../../../core/rules.ts';
import { publishTemplate } from '../../../core/templates/publishing/publish.ts';
import { createWorkspace } from '../../../core/workspaces/commands/create.ts';
import { buildChange, buildIdOf } from '../../../core/workspaces/records/build-record.ts';
import { type WorkspaceRecord, workspaceItem } from '../../../core/workspaces/records/workspace-record.ts';
import { loadBuild } from '../../../core/workspaces/store.ts';
import { startService } from '../../../gateway/service.ts';
import type { DataPlane } from './fixture.ts';

/**
 * One gateway replica as its service runs it, on a table in a file: `node gateway.ts FOLDER PORT
 * APP_PORT COUNT`. An empty folder gets COUNT running workspaces of ada, each with an app on APP_PORT.
 */
const [folder = '', port, appPort, count] = process.argv.slice(2);
const agentKey = 'the key of this benchmark, 32 bytes and more';
const file = join(folder, 'data-plane.json');
const isNew = !existsSync(file);
const table: SqliteTable = openSqliteTable(join(folder, 'table.sqlite'), { consumers: [] });
const rules: Rules = { table, clock: () => new Date(), log: () => undefined, roleGroups: {} };

const template = `
name: served
compute: { kind: process }
apps:
  - { name: web, port: ${appPort} }
`;

/** Written as if their builds had succeeded, so that the gateway accepts their agents. */
const putRunning = async (workspace: WorkspaceRecord): Promise<void> => {
  const build = await loadBuild(table, workspace.id, 1);
  if (build === undefined) throw new Error('a new workspace has no build');
  for (let number = 0; number < Number(count); number++) {
    const id = number === 0 ? workspace.id : `ws-${ulid().toLowerCase()}`;
    const own = {
      ...build,
      id: buildIdOf(id, 1),
      workspaceId: id,
      status: 'succeeded' as const,
      revision: number === 0 ? build.revision : 0,
    };
    const running = { ...workspace, id, name: nameOf(number), status: 'running' as const, version: 2 };
    await table.write([
      { put: workspaceItem({ ...running, build: { ...workspace.build, id: own.id, status: 'succeeded' } }) },
      buildChange(own),
    ]);
    workspaces.push({
      id,
      name: running.name,
      agentToken: agentToken(agentKey, id, 1),
      oneTime: oneTimeToken(agentKey, id, 1),
    });
  }
};

/** The number of workspaces whose apps are used. */
const served = 60;
const nameOf = (number: number): string => `w-${number}`;
const workspaces: DataPlane['workspaces'] = [];

const openApp = async (id: string): Promise<string> => {
  const { ticket, host } = await createTicket(rules, ada, id, 'web');
  if (host === undefined) throw new Error('the ticket is for no app');
  return (await redeemAppTicket(rules, ticket, host)).session;
};

const seed = async (): Promise<void> => {
  await table.write([{ put: personItem(ada) }]);
  await publishTemplate(rules, 'system', { yaml: template, source: 'template.yaml' });
  const request = { name: nameOf(0), template: 'served', parameters: {} };
  await putRunning(await createWorkspace(rules, ada, request, () => []));
  const { secret: token } = await createToken(rules, ada, { name: 'bench', days: 1 });
  for (const workspace of workspaces.slice(0, served)) workspace.appSession = await openApp(workspace.id);
  writeFileSync(file, JSON.stringify({ token, workspaces } satisfies DataPlane));
};

if (isNew) await seed();
const service = await startService({
  rules: gatewayRules(
    rules,
    { verify: () => Promise.reject(new Error('nobody signs in here')) },
    {
      agentKey: async () => agentKey,
      identities: {},
      sealer: { open: () => Promise.reject(new Error('no key is sealed')) },
    },
  ),
  replicas: replicaRules({ ...rules, agentKey }),
  appDomain: `localhost:${port}`,
  portalUrl: `http://localhost:${port}`,
  secureCookies: false,
  port: Number(port),
  peerPort: 0,
  replicaHost: '127.0.0.1',
  listenHost: '127.0.0.1',
  drainMs: 0,
  recheckEveryMs: 10_000,
  log: (level, message, fields) => {
    if (level !== 'info') process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
  },
});

const end = () => void service.close().then(() => process.exit(0));
process.on('SIGTERM', end);
process.stdin.on('end', end).resume();
process.stdout.write(`ready http://127.0.0.1:${service.port}\n`);
