import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { loggableValue } from '../../base/redact.ts';
import type { AgentEvent, Manifest } from '../../contracts/agent/tunnel.ts';
import { App } from '../../contracts/templates/template-file.ts';
import { type HostRequest, type HostResponse, requestHost } from '../../test/support/clients/host-request.ts';
import { openTcpProxy } from '../../test/support/doubles/tcp-proxy.ts';
import { agentBundle } from '../../test/support/processes/agent-bundle.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { createGateway, type GatewayOptions } from '../gateway.ts';
import { oneTimeTokenOf, TestRules, type TestWorkspace } from './rules.ts';

/** Run in reverse order at the end of each test. */
const undo: (() => unknown)[] = [];
export const atEnd = (action: () => unknown): void => void undo.push(action);
export const cleanUp = async (): Promise<void> => {
  for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last();
};

/**
 * More than the second within which a connection must close; open-connections.test.ts checks the second with fake
 * timers.
 */
export const busyMachineMs = 10_000;

/** Whether a process runs; a zombie does not. */
export const isAlive = (pid: number | string): boolean => {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !readFileSync(stat, 'utf8').includes(') Z ');
};

export interface Berth {
  rules: TestRules;
  gateway: ReturnType<typeof createGateway>;
  port: number;
  /** `localhost:<port>`. */
  domain: string;
  log: string[];
}

/** A gateway on its own port, mounted as in Berth's server. */
export const givenBerth = async (options: Partial<GatewayOptions> = {}, at = 0): Promise<Berth> => {
  const server = createServer({ keepAliveTimeout: 100 });
  server.listen(at, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const domain = `localhost:${port}`;
  const rules = new TestRules();
  const log: string[] = [];
  const gateway = createGateway({
    rules,
    appDomain: domain,
    portalUrl: `http://${domain}`,
    secureCookies: false,
    activityEveryMs: 50,
    log: (level, message, fields) => void log.push(`${level} ${message} ${JSON.stringify(fields, loggableValue)}`),
    ...options,
  });
  server.on('request', (incoming, response) => {
    if (gateway.handles(incoming)) gateway.request(incoming, response);
    else response.writeHead(200).end('the portal');
  });
  server.on('upgrade', (incoming, socket, head) => {
    if (!gateway.upgrade(incoming, socket, head)) socket.destroy();
  });
  undo.push(async () => {
    await gateway.close();
    server.closeAllConnections();
    server.close();
  });
  return { rules, gateway, port, domain, log };
};

export interface Workspace extends TestWorkspace {
  home: string;
  agent: ChildProcess;
  /** The agent's exit code. */
  ended: Promise<number | null>;
}

type Setup = Partial<Omit<Manifest, 'apps'>> & {
  apps?: { name: string; [field: string]: unknown }[];
  token?: string;
  /** More variables for the agent's environment. */
  agentEnv?: Record<string, string>;
  /** A command that starts the agent; the agent's command line is appended to it. */
  within?: readonly string[];
  /** The port that the agent connects to, if not the gateway's. */
  port?: number;
};

/** A workspace that the rules know, and its agent as its own process, run from the bundle. */
export const givenWorkspace = async (berth: Berth, setup: Setup = {}): Promise<Workspace> => {
  const { token, port, apps = [], agentEnv = {}, within, ...manifest } = setup;
  const number = berth.rules.workspaces.length + 1;
  const home = temporaryFolder();
  const known: TestWorkspace = {
    id: `ws-${String(number).padStart(26, '0')}`,
    name: `demo${number}`,
    owner: 'ada',
    token: `agent-token-${number}`,
    status: 'running',
    over: false,
    manifest: {
      workspace: { id: `ws-${number}`, name: `demo${number}`, owner: 'ada' },
      build: `build-${number}`,
      startup: '',
      startupTimeoutMs: 20_000,
      env: {},
      dotfiles: '',
      ...manifest,
      apps: apps.map((app) => App.parse(app)),
    },
  };
  berth.rules.workspaces.push(known);
  const env = { BERTH_WORKSPACE_ID: known.id, BERTH_AGENT_TOKEN: token ?? oneTimeTokenOf(known), ...agentEnv };
  return Object.assign(known, await givenAgent(port ?? berth.port, home, env, within));
};

/** An agent as its own process, run from the bundle, which connects to a port of this machine. */
export const givenAgent = async (
  port: number,
  home: string,
  env: Record<string, string>,
  within: readonly string[] = [],
) => {
  const [file = process.execPath, ...args] = [...within, process.execPath, await agentBundle()];
  const agent = spawn(file, args, {
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      BERTH_GATEWAY_URL: `http://127.0.0.1:${port}`,
      BERTH_AGENT_DIR: join(home, '.agent'),
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stderr = text(agent.stderr);
  const ended = once(agent, 'exit').then(([code]) => code as number | null);
  undo.push(async () => {
    agent.kill('SIGTERM');
    const code = await ended;
    if (code === 70) throw new Error(`the agent failed:\n${await stderr}`);
  });
  return { home, agent, ended };
};

const ofType =
  <T extends AgentEvent['type']>(type: T) =>
  (event: AgentEvent): event is Extract<AgentEvent, { type: T }> =>
    event.type === type;

export const logOf = ({ rules }: Berth, step: string): string =>
  rules.events
    .filter(ofType('log'))
    .filter((event) => event.step === step)
    .map((event) => event.text)
    .join('');
export const stepsOf = ({ rules }: Berth): string[] =>
  rules.events.filter(ofType('step')).map(({ step, status }) => `${step} ${status}`);
export const stepOf = ({ rules }: Berth, step: string) =>
  rules.events.filter(ofType('step')).findLast((event) => event.step === step);
export const statusOf = ({ rules }: Berth) => rules.events.findLast(ofType('status'));
export const healthOf = ({ rules }: Berth): string[] =>
  rules.events.filter(ofType('app')).map(({ app, health }) => `${app} ${health}`);

export const untilReady = (berth: Berth): Promise<void> => expect.poll(() => statusOf(berth)?.status).toBe('ready');

/** Sends a request to a host at the gateway. `label` is the part of the host before the domain. */
export const requestApp = (
  { port, domain }: Pick<Berth, 'port' | 'domain'>,
  label: string,
  path: string,
  options?: HostRequest,
): Promise<HostResponse> => requestHost({ url: `http://127.0.0.1:${port}` }, `${label}.${domain}`, path, options);

/** The cookie header of a person who opened the app. */
export const givenAppSession = ({ rules }: Berth, label: string): string => {
  rules.appSessions.set(`session-of-${label}`, label);
  return `berth-app=session-of-${label}`;
};

/** Opens a WebSocket. Resolves with the status if it is refused. */
export const open = (
  berth: Pick<Berth, 'port'>,
  host: string,
  path: string,
  headers: Record<string, string>,
  protocols: string[] = [],
): Promise<{ socket: WebSocket; messages: string[] } | { status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${berth.port}${path}`, protocols, {
      headers: { host, ...headers },
      perMessageDeflate: false,
    });
    undo.push(() => socket.terminate());
    // Before `open`: the first message may arrive together with the response to the upgrade.
    const messages: string[] = [];
    socket.on('message', (data: Buffer) => messages.push(data.toString()));
    socket.once('open', () => resolve({ socket, messages }));
    socket.once('unexpected-response', async (_, response) => {
      resolve({ status: response.statusCode ?? 0, body: await text(response) });
    });
    socket.once('error', reject);
  });

/** A TCP relay between agent and gateway; `onData` receives what the gateway sends. */
export const givenLine = async (to: number, onData?: (chunk: Buffer) => void) => {
  const line = await openTcpProxy(to, onData);
  undo.push(line.close);
  return line;
};
