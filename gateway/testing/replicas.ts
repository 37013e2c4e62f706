import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { localSealer } from '../../adapters/sealer/local.ts';
import { openSqliteTable } from '../../adapters/table/sqlite/table.ts';
import { loggableValue } from '../../base/redact.ts';
import { type SessionReply, sessionPath } from '../../contracts/sessions/session.ts';
import { replicaRules } from '../../core/connections/agents/replicas.ts';
import { gatewayRules } from '../../core/connections/gateway-rules.ts';
import { createTicket } from '../../core/connections/sessions/tickets.ts';
import { personItem } from '../../core/people/person-record.ts';
import { ada } from '../../core/people/testing/records.ts';
import { createToken } from '../../core/people/tokens.ts';
import type { AgentIdentities } from '../../core/ports/agent-identities.ts';
import type { Identity } from '../../core/ports/identity.ts';
import type { Table } from '../../core/ports/table.ts';
import { publishTemplate } from '../../core/templates/publishing/publish.ts';
import { createWorkspace } from '../../core/workspaces/commands/create.ts';
import { buildChange } from '../../core/workspaces/records/build-record.ts';
import { workspaceItem } from '../../core/workspaces/records/workspace-record.ts';
import { loadBuild } from '../../core/workspaces/store.ts';
import { scriptTemplate } from '../../test/support/apps/script-template.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { type Service, startService } from '../service.ts';
import { atEnd, givenAgent, givenLine, open, requestApp } from './harness.ts';

/** An app that responds with its workspace's name, or with a stream that never ends. */
const template = scriptTemplate(
  'app',
  `
  const http = require('node:http');
  http.createServer((q, s) => {
    if (q.url !== '/stream') return s.end('hello of ' + process.env.BERTH_WORKSPACE_NAME);
    const timer = setInterval(() => s.write('tick '), 50);
    s.on('close', () => clearInterval(timer));
  }).listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');
`,
);

export const agentKey = 'the key of this installation, 32 bytes and more';
const noSignIn: Identity = { verify: () => Promise.reject(new Error('there is no sign-in')) };

export interface Installation {
  table: Table;
  rules: ReturnType<typeof rulesOf>;
  replicas: ReturnType<typeof replicaRules>;
  log: string[];
  /** Ada's API token. */
  token: string;
  givenReplica(options?: {
    drainMs?: number;
    headersTimeoutMs?: number;
  }): Promise<Service & { domain: string; die(): Promise<void> }>;
}

const rulesOf = (table: Table) => ({ table, clock: () => new Date(), log: () => undefined, roleGroups: {} });

/** A table with a person and a template, for any number of replicas in this process. */
export const givenInstallation = async (
  yaml = template,
  platforms: Omit<AgentIdentities, 'kubernetes'> = {},
): Promise<Installation> => {
  const table = openSqliteTable(':memory:', { consumers: [] });
  atEnd(() => table.close());
  const rules = rulesOf(table);
  await table.write([{ put: personItem(ada) }]);
  await publishTemplate(rules, 'system', { yaml, source: 'template.yaml' });
  const { secret } = await createToken(rules, ada, { name: 'test', days: 1 });
  const log: string[] = [];
  const replicas = replicaRules({ ...rules, agentKey });
  const kubernetes = async (token: string) => ({ namespace: 'test', pod: token });
  const trust = {
    agentKey: async () => agentKey,
    identities: { kubernetes, ...platforms },
    sealer: localSealer(agentKey),
  };

  /** Rules that fail once the replica is dead, so that it writes nothing any more. */
  const mortal = <T extends object>(parts: T, life: { isDead: boolean }): T =>
    new Proxy(parts, {
      get: (target, name) => (life.isDead ? () => Promise.reject(new Error('dead')) : Reflect.get(target, name)),
    });

  const givenReplica = async ({
    drainMs = 10_000,
    ...options
  }: {
    drainMs?: number;
    headersTimeoutMs?: number;
  } = {}) => {
    const appDomain = 'apps.example';
    const life = { isDead: false };
    const service = await startService({
      rules: mortal(gatewayRules(rules, noSignIn, trust), life),
      replicas: mortal(replicas, life),
      appDomain,
      portalUrl: 'https://portal.example',
      secureCookies: false,
      activityEveryMs: 200,
      port: 0,
      peerPort: 0,
      replicaHost: '127.0.0.1',
      listenHost: '127.0.0.1',
      drainMs,
      ...options,
      log: (level, message, fields) => void log.push(`${level} ${message} ${JSON.stringify(fields, loggableValue)}`),
    });
    let end = service.close;
    atEnd(() => end());
    const once = (ending: () => Promise<void>) => () => {
      end = async () => undefined;
      return ending();
    };
    const die = async () => {
      life.isDead = true;
      await expect(service.close()).rejects.toThrow('dead');
    };
    return { ...service, domain: appDomain, drain: once(service.drain), die: once(die) };
  };
  return { table, rules, replicas, log, token: secret, givenReplica };
};

/** Records a workspace of Ada's as running. Returns its first build. */
export const putRunning = async ({ table, rules }: Pick<Installation, 'table' | 'rules'>, name: string) => {
  const created = await createWorkspace(rules, ada, { name, template: 'app', parameters: {} }, () => []);
  const build = await loadBuild(table, created.id, 1);
  if (build === undefined) throw new Error('a new workspace has no build');
  const running = { ...created, status: 'running' as const, version: created.version + 1 };
  await table.write([
    { put: workspaceItem({ ...running, build: { ...created.build, status: 'succeeded' } }) },
    buildChange({ ...build, status: 'succeeded' }),
  ]);
  return { id: created.id, build };
};

/** A running workspace of Ada's, whose agent connects through a relay that tests can redirect or cut. */
export const givenRunning = async (
  { table, rules }: Installation,
  port: number,
  { name = 'demo', onData }: { name?: string; onData?: (chunk: Buffer) => void } = {},
) => {
  const { id } = await putRunning({ table, rules }, name);
  const line = await givenLine(port, onData);
  return { id, line, ...(await givenAgentOf(id, line.port)) };
};

/** The agent of a workspace's first build, in a pod that the cluster identifies by its name. */
export const givenAgentOf = (id: string, port: number) => {
  const home = temporaryFolder();
  const tokenFile = join(home, 'token');
  writeFileSync(tokenFile, `${id}-b1`);
  const authentication = { BERTH_AGENT_SIGN_ON: 'kubernetes', BERTH_AGENT_TOKEN_FILE: tokenFile };
  return givenAgent(port, home, { BERTH_WORKSPACE_ID: id, ...authentication });
};

export type Replica = Awaited<ReturnType<Installation['givenReplica']>>;

/** Waits until a workspace's agent is connected to a replica. */
export const untilConnected = (replica: Replica, id: string) =>
  expect.poll(() => replica.gateway.connected()).toContain(id);

const label = 'web--demo--ada';

/** The cookie of Ada, who opened the app of the workspace `demo`. */
export const cookieOf = async ({ rules }: Installation, replica: Replica, id: string): Promise<string> => {
  const { ticket } = await createTicket(rules, ada, id, 'web');
  const response = await requestApp(replica, label, '/.berth/session', {
    method: 'POST',
    headers: { origin: 'https://portal.example', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ticket }).toString(),
  });
  return String(response.headers['set-cookie']?.[0]).split(';')[0] ?? '';
};

/** The body of the app's response through a replica, or the status of a refusal. */
export const appAt = async (replica: Replica, cookie: string) => {
  const { status, body } = await requestApp(replica, label, '/', { headers: { cookie } });
  return status === 200 ? body : status;
};

/** Opens an exec session through a replica. */
export const dialOf = ({ token }: Installation, replica: Replica, id: string) =>
  open(replica, 'gateway.example', sessionPath(id, 'exec'), { authorization: `Bearer ${token}` });

/** Runs a command through a replica. */
export const execOf = async (installation: Installation, replica: Replica, id: string, command: string[]) => {
  const opened = await dialOf(installation, replica, id);
  if (!('socket' in opened)) throw new Error(`refused: ${opened.status} ${opened.body}`);
  const { socket, messages } = opened;
  const closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
  socket.send(JSON.stringify({ type: 'start', command }));
  const replies = () => messages.filter((one) => one.startsWith('{')).map((one) => JSON.parse(one) as SessionReply);
  await expect.poll(() => replies()[0]?.type).toBe('started');
  return { socket, messages, replies, closed };
};
