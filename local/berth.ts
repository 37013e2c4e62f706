import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type * as z from 'zod';
import { bundleAgent } from '../agent/bundle.ts';
import type { ComputeKind } from '../compute/kind.ts';
import type { InstallationLimits } from '../contracts/sharing-limits.ts';
import type { AgentIdentities, Clock } from '../core/ports.ts';
import type { Log, Runtime } from '../functions/runtime.ts';
import { createHttpServer } from '../gateway/http-server.ts';
import { openDataDir } from './data-dir.ts';
import { listen } from './listen.ts';
import { openGateway, openState, openSweep, openTraffic, openWork, prepare } from './parts.ts';
import { buildPortal } from './portal.ts';
import type { Settings } from './settings.ts';

export interface BerthOptions extends Settings {
  log: Log;
  clock?: Clock;
  /** Folders of templates to publish; by default the ones that come with Berth. */
  templateFolders?: string[];
  /** Kinds of compute beside `process`. */
  moreKinds?: ComputeKind<unknown>[];
  /** Platforms that vouch for the agents of those kinds. */
  identities?: AgentIdentities;
  /** What holds for all workspaces, whatever their templates say; by default the templates decide. */
  limits?: z.input<typeof InstallationLimits>;
  /** Served without a portal, for tests that need none. */
  withoutPortal?: boolean;
  /** How often the sweep looks for what schedules, stream or processes lost. */
  sweepEveryMs?: number;
  activityEveryMs?: number;
  /** How long the body of a request to Berth itself may take. */
  bodyMs?: number;
  /** How long the head of any request may take. */
  headersWithinMs?: number;
  /** Ends a start that is under way: it takes back what it did, and throws the signal's reason. */
  signal?: AbortSignal;
}

export interface Berth {
  url: string;
  runtime: Runtime;
  /** Where each person's API token is. */
  tokensFile: string;
  /** Stops everything it started; workspaces that should run are brought back by the next start. */
  close: () => Promise<void>;
}

/**
 * All of Berth in one process: the deployed handlers and workflows on local adapters. Throws `StartError` with one
 * line for a person when it cannot; whatever it had opened by then is closed.
 */
export const startBerth = async (options: BerthOptions): Promise<Berth> => {
  await using opened = new AsyncDisposableStack();
  try {
    const berth = await openBerth(options, opened);
    options.signal?.throwIfAborted();
    const all = opened.move();
    return { ...berth, close: () => all.disposeAsync() };
  } catch (error) {
    // Ctrl-C reaches the programs that a start runs, too: what breaks after it broke by it.
    options.signal?.throwIfAborted();
    throw error;
  }
};

/**
 * Opens part after part; `opened` closes them the other way round, which is the order that leaves nothing over: first
 * what asks for work (sweep, requests, change stream), then what does it, then the compute that it made, then the state.
 */
const openBerth = async (options: BerthOptions, opened: AsyncDisposableStack): Promise<Omit<Berth, 'close'>> => {
  const { signal, headersWithinMs, clock = () => new Date() } = options;
  const data = openDataDir(options.dataDir);
  opened.defer(data.release);
  const server = createHttpServer(headersWithinMs === undefined ? {} : { headersWithinMs });
  // Nobody would answer what comes before all is open: to whoever sends it, nothing listens yet.
  const turnAway = (socket: Socket) => socket.destroy();
  server.on('connection', turnAway);
  const port = await listen(server, options.port);
  opened.defer(() => closeServer(server));
  if (options.withoutPortal !== true) await buildPortal(signal);
  const agentFile = data.path('agent.cjs');
  await bundleAgent(agentFile);
  signal?.throwIfAborted();

  const domain = `localhost:${port}`;
  const ground = { options, clock, data, port, domain, origin: `http://${domain}`, agentFile, opened };
  const state = await openState(ground);
  const { gateway, trusted } = openGateway(ground, state);
  const { runtime, kinds } = openWork(ground, state, trusted);
  const tokensFile = await prepare(ground, runtime, kinds);
  signal?.throwIfAborted();
  await openTraffic(ground, runtime, state, { server, gateway });
  server.off('connection', turnAway);
  await openSweep(ground, runtime, state);
  return { url: ground.origin, runtime, tokensFile };
};

const closeServer = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
