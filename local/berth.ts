import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { bundleAgent } from '../agent/bundle.ts';
import { buildPortal, PortalBuildError } from '../bundles/portal.ts';
import type { Runtime } from '../functions/runtime.ts';
import { createHttpServer } from '../gateway/http/http-server.ts';
import { openDataDir } from './data/data-dir.ts';
import { listen } from './http/listen.ts';
import type { BerthOptions } from './settings/options.ts';
import { StartError } from './settings/settings.ts';
import {
  openGateway,
  openStores,
  openSweep,
  openTraffic,
  openWorkflows,
  prepareStart,
  type StartContext,
} from './wiring/wiring.ts';

export interface Berth {
  url: string;
  runtime: Runtime;
  /** The file with an API token for each local user. */
  tokensFile: string;
  /** Stops everything that was started. The next start restores the workspaces that should be running. */
  close: () => Promise<void>;
}

/**
 * Starts all of Berth in one process: the deployed handlers and workflows on local adapters. On failure, closes what it
 * has opened and throws a `StartError` with a one-line message for the user.
 */
export const startBerth = async (options: BerthOptions): Promise<Berth> => {
  await using opened = new AsyncDisposableStack();
  try {
    const berth = await openBerth(options, opened);
    options.signal?.throwIfAborted();
    const all = opened.move();
    return { ...berth, close: () => all.disposeAsync() };
  } catch (error) {
    // Ctrl-C also reaches the child processes of a start, so an error after it is a consequence of it.
    options.signal?.throwIfAborted();
    throw error;
  }
};

/**
 * Opens the parts in order; `opened` closes them in reverse order, so that nothing is left behind: first the sources of
 * work (sweep, requests, change stream), then the workers, then the compute that they created, then the state.
 */
const openBerth = async (options: BerthOptions, opened: AsyncDisposableStack): Promise<Omit<Berth, 'close'>> => {
  const { signal, headersTimeoutMs, clock = () => new Date() } = options;
  const data = openDataDir(options.dataDir);
  opened.defer(data.release);
  const server = createHttpServer(headersTimeoutMs === undefined ? {} : { headersTimeoutMs });
  // No connection can be handled before all parts are open: it is closed, as if the port were not open yet.
  const rejectConnection = (socket: Socket) => socket.destroy();
  server.on('connection', rejectConnection);
  const port = await listen(server, options.port);
  opened.defer(() => closeServer(server));
  if (options.withoutPortal !== true) await preparePortal(signal);
  const agentFile = data.path('agent.cjs');
  await bundleAgent(agentFile);
  signal?.throwIfAborted();

  const domain = `localhost:${port}`;
  const context: StartContext = { options, clock, data, port, domain, origin: `http://${domain}`, agentFile, opened };
  const state = await openStores(context);
  const { gateway, trusted } = openGateway(context, state);
  const { runtime, kinds } = openWorkflows(context, state, trusted);
  const tokensFile = await prepareStart(context, runtime, kinds);
  signal?.throwIfAborted();
  await openTraffic(context, runtime, state, { server, gateway });
  server.off('connection', rejectConnection);
  await openSweep(context, runtime, state);
  return { url: context.origin, runtime, tokensFile };
};

const closeServer = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const preparePortal = async (signal: AbortSignal | undefined): Promise<void> => {
  try {
    await buildPortal(signal);
  } catch (error) {
    throw error instanceof PortalBuildError ? new StartError(error.message, { cause: error.cause }) : error;
  }
};
