import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleAgent } from '../../../agent/bundle.ts';
import { freePort } from '../../support/free-port.ts';
import { type Child, endChild, untilReady } from '../measuring/child.ts';
import { resource, temporaryFolder } from '../measuring/resources.ts';

/** The contents of the gateway's table. */
export interface DataPlane {
  /** Ada's API token. */
  token: string;
  workspaces: {
    id: string;
    name: string;
    agentToken: string;
    oneTime: string;
    /** The secret of ada's app session; only the first workspaces have one. */
    appSession?: string;
  }[];
}

/** What a client needs to send requests through the gateway. */
export interface GatewayFixture extends DataPlane {
  port: number;
  /** The app's own port, for requests without a gateway. */
  appPort: number;
}

export const readDataPlane = (folder: string): DataPlane =>
  JSON.parse(readFileSync(join(folder, 'data-plane.json'), 'utf8')) as DataPlane;

export interface GivenDataPlane extends GatewayFixture {
  gatewayPid(): number;
  /** The agent of the first workspace. */
  agentPid: number;
  /** Starts the agents of the workspaces from `from` to before `to` in one process. */
  startAgents(from: number, to: number): Fleet;
  /** Starts a process that loads the gateway (load.ts). Returns a function that ends it. */
  startLoad(kind: 'bulk' | 'busy'): () => Promise<void>;
  restartGateway(): Promise<void>;
}

export interface Fleet {
  /** Resolves when the gateway has accepted this many of its agents. */
  untilConnected(count: number): Promise<void>;
}

const stdio: ['pipe', 'pipe', 'pipe'] = ['pipe', 'pipe', 'pipe'];
const flags = process.env['BERTH_BENCH_NODE']?.split(' ') ?? [];

const commandOf = (name: string, args: (string | number)[]): string[] => [
  '--disable-warning=ExperimentalWarning',
  ...flags,
  join(import.meta.dirname, name),
  ...args.map(String),
];

const program = (name: string, ...args: (string | number)[]): Child =>
  spawn(process.execPath, commandOf(name, args), { stdio });

const fleetOf = (agents: ChildProcess): Fleet => {
  const events = new EventEmitter();
  let connected = 0;
  agents.on('message', (count: number) => {
    connected = count;
    events.emit('change');
  });
  return {
    untilConnected: async (count) => {
      while (connected < count) await once(events, 'change');
    },
  };
};

/**
 * A gateway with running workspaces, all in separate processes on one machine: the app, the agent of the first
 * workspace as it is shipped, and further agents on request.
 */
export const givenDataPlane = async (count: number): Promise<GivenDataPlane & AsyncDisposable> => {
  const folder = temporaryFolder();
  const children: Child[] = [];
  const end = (child: Child) => endChild(child, (signal) => child.kill(signal));
  const ended = resource({}, async () => {
    for (const child of children.reverse()) await end(child);
    await folder[Symbol.asyncDispose]();
  });
  const started = (child: Child): Child => {
    children.push(child);
    return child;
  };
  try {
    const [port, appPort] = [await freePort(), await freePort()];
    const startGateway = async () => {
      const child = started(program('gateway.ts', folder.path, port, appPort, count));
      await untilReady(child);
      return child;
    };
    let gateway = await startGateway();
    started(program('app.ts', appPort)).stdout.resume();
    const plane = readDataPlane(folder.path);
    const url = `http://127.0.0.1:${port}`;
    const agent = started(await agentOf(plane.workspaces[0], folder.path, url));
    return Object.assign(ended, {
      ...plane,
      port,
      appPort,
      gatewayPid: () => gateway.pid ?? 0,
      agentPid: agent.pid ?? 0,
      startAgents: (from: number, to: number) => {
        const command = commandOf('agents.ts', [folder.path, url, from, to]);
        const agents = spawn(process.execPath, command, { stdio: [...stdio, 'ipc'] }) as Child;
        agents.stdout.resume();
        agents.stderr.resume();
        started(agents);
        return fleetOf(agents);
      },
      startLoad: (kind: 'bulk' | 'busy') => {
        const load = started(program('load.ts', kind, folder.path, port, appPort));
        load.stdout.resume();
        return () => end(load);
      },
      restartGateway: async () => {
        await end(gateway);
        gateway = await startGateway();
      },
    });
  } catch (error) {
    await ended[Symbol.asyncDispose]();
    throw error;
  }
};

const agentOf = async (workspace: DataPlane['workspaces'][number] | undefined, folder: string, url: string) => {
  if (workspace === undefined) throw new Error('there is no workspace');
  const bundle = join(folder, 'agent.cjs');
  const home = join(folder, 'home');
  mkdirSync(home);
  await bundleAgent(bundle);
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    BERTH_GATEWAY_URL: url,
    BERTH_AGENT_DIR: join(home, '.agent'),
    BERTH_WORKSPACE_ID: workspace.id,
    BERTH_AGENT_TOKEN: workspace.oneTime,
  };
  const agent = spawn(process.execPath, [...flags, bundle], { env, stdio });
  agent.stdout.resume();
  agent.stderr.resume();
  return agent;
};
