import type { Server } from 'node:http';
import { finished } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { WebSocket } from 'ws';
import type { Manifest } from '../contracts/agent.ts';
import {
  activityAuthority,
  appAuthority,
  eventsAuthority,
  portOfAuthority,
  runAuthority,
  sessionAuthority,
} from '../contracts/wire.ts';
import { Connection } from '../tunnel/connection.ts';
import type { TunnelStream } from '../tunnel/stream.ts';
import type { ActivityMeter } from './activity.ts';
import type { EventLog } from './events.ts';
import type { Run } from './run.ts';
import { connectTo, type Target } from './target.ts';

export interface Served {
  run: Run;
  events: EventLog;
  activity: ActivityMeter;
  sessions: Server;
  /** The gateway spoke: the connection is a good one. */
  greeted: () => void;
}

/** The manifest is ended by the gateway; an end of ours says that it is this agent's, a reset that it is not. */
const takeManifest = async (stream: TunnelStream, { run, greeted }: Served): Promise<void> => {
  stream.accept();
  // The gateway made it from its own types; checking it again here would load zod.
  const manifest = JSON.parse(await text(stream)) as Manifest;
  greeted();
  if (run.start(manifest)) stream.end();
  else stream.destroy();
};

const streamEvents = (stream: TunnelStream, after: number, { events }: Served): void => {
  stream.accept();
  stream.once(
    'close',
    events.follow(after, (event) => stream.write(`${JSON.stringify(event)}\n`)),
  );
};

const tellActivity = (stream: TunnelStream, { activity }: Served): void => {
  stream.accept();
  stream.end(JSON.stringify(activity.read()));
  stream.resume();
};

const joinApp = (stream: TunnelStream, target: Target, { activity }: Served): void => {
  const socket = connectTo(target);
  const close = activity.open();
  let isJoined = false;
  finished(stream, () => {
    close();
    socket.destroy();
  });
  socket.on('error', () => {
    if (isJoined) stream.destroy();
    else stream.refuse(502);
  });
  socket.once('connect', () => {
    if (stream.destroyed) return;
    isJoined = true;
    stream.accept();
    stream.on('data', () => activity.input());
    stream.pipe(socket);
    socket.pipe(stream);
  });
};

const joinSession = (stream: TunnelStream, { sessions }: Served): void => {
  stream.accept();
  sessions.emit('connection', stream);
};

/** The rest of an authority that begins with the prefix. */
const after = (prefix: string, authority: string): string | undefined =>
  authority.startsWith(prefix) ? authority.slice(prefix.length) : undefined;

/** An app of the manifest, or any port of the workspace's loopback. */
const targetOf = (authority: string, run: Run): Target | undefined => {
  const port = portOfAuthority(authority);
  if (port !== undefined) return { port };
  const app = after(appAuthority(''), authority);
  return app === undefined ? undefined : run.target(app);
};

const route = (stream: TunnelStream, authority: string, served: Served): unknown => {
  if (authority === runAuthority) return takeManifest(stream, served);
  if (authority === activityAuthority) return tellActivity(stream, served);
  if (authority === sessionAuthority) return joinSession(stream, served);
  const last = after(eventsAuthority(''), authority);
  if (last !== undefined) return streamEvents(stream, Number(last), served);
  const target = targetOf(authority, served.run);
  return target === undefined ? stream.refuse(404) : joinApp(stream, target, served);
};

/** Serves the gateway on an open connection; the contract is told in contracts/agent.ts. */
export const serveTunnel = (socket: WebSocket, served: Served): Connection =>
  new Connection(socket, (stream, authority) => {
    Promise.resolve(route(stream, authority, served)).catch((thrown: unknown) => {
      console.error(`berth-agent: a request of the gateway failed: ${String(thrown)}`);
      stream.destroy();
    });
  });
