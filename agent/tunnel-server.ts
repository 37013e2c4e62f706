import type { Server } from 'node:http';
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Manifest } from '../contracts/agent.ts';
import { appAuthority, sessionAuthority } from '../contracts/wire.ts';
import type { ActivityMeter } from './activity.ts';
import { connectTo, type Target } from './apps.ts';
import type { EventLog } from './events.ts';
import type { Run } from './run.ts';

/** Bytes in flight per stream and per connection: 1 MiB keeps a 100 ms line at 10 MB/s. The default of 64 KiB would be 0.6. */
const streamWindow = 1024 * 1024;
const connectionWindow = 8 * 1024 * 1024;

export interface Served {
  run: Run;
  events: EventLog;
  activity: ActivityMeter;
  sessions: Server;
  /** The gateway spoke: the connection is a good one. */
  greeted: () => void;
}

const answer = (stream: ServerHttp2Stream, status: number, body?: unknown): void => {
  stream.respond({ ':status': status, 'content-type': 'application/json' });
  stream.end(body === undefined ? '' : JSON.stringify(body));
};

const takeManifest = async (stream: ServerHttp2Stream, { run, greeted }: Served): Promise<void> => {
  // The gateway made it from its own types; checking it again here would load zod.
  const manifest = JSON.parse(await text(stream)) as Manifest;
  greeted();
  answer(stream, run.start(manifest) === 'other' ? 409 : 204);
};

const streamEvents = (stream: ServerHttp2Stream, query: URLSearchParams, { events }: Served): void => {
  stream.respond({ ':status': 200, 'content-type': 'application/x-ndjson' });
  const after = Number(query.get('after') ?? 0);
  stream.once(
    'close',
    events.follow(after, (event) => stream.write(`${JSON.stringify(event)}\n`)),
  );
};

const joinApp = (stream: ServerHttp2Stream, target: Target, { activity }: Served): void => {
  const socket = connectTo(target);
  const close = activity.open();
  stream.once('close', () => {
    close();
    socket.destroy();
  });
  socket.on('error', () => {
    if (stream.headersSent) stream.close(constants.NGHTTP2_CONNECT_ERROR);
    else if (!stream.destroyed) answer(stream, 502);
  });
  socket.once('connect', () => {
    if (stream.destroyed) return;
    stream.respond({ ':status': 200 });
    stream.on('data', () => activity.input());
    stream.pipe(socket);
    socket.pipe(stream);
  });
};

const joinSession = (stream: ServerHttp2Stream, { sessions }: Served): void => {
  stream.respond({ ':status': 200 });
  sessions.emit('connection', stream);
};

const route = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, served: Served): unknown => {
  const [path, query] = (headers[':path'] ?? '').split('?');
  switch (`${headers[':method']} ${path}`) {
    case 'POST /run':
      return takeManifest(stream, served);
    case 'GET /events':
      return streamEvents(stream, new URLSearchParams(query), served);
    case 'GET /activity':
      return answer(stream, 200, served.activity.read());
  }
  const authority = headers[':authority'] ?? '';
  if (headers[':method'] !== 'CONNECT') return answer(stream, 404);
  if (authority === sessionAuthority) return joinSession(stream, served);
  const app = authority.slice(appAuthority('').length);
  const target = authority === appAuthority(app) ? served.run.target(app) : undefined;
  return target === undefined ? answer(stream, 404) : joinApp(stream, target, served);
};

/** Serves the gateway on an open connection; the contract is told in contracts/agent.ts. */
export const serveTunnel = (connection: Duplex, served: Served): ServerHttp2Session => {
  const session = performServerHandshake(connection, {
    settings: { initialWindowSize: streamWindow, maxConcurrentStreams: 1_000 },
    maxSessionMemory: 64,
  });
  session.once('connect', () => session.setLocalWindowSize(connectionWindow));
  // The connection's end is seen by the dialer, which tries again; a stream's end by whoever holds its other side.
  session.on('error', () => session.destroy());
  session.on('stream', (stream, headers) => {
    stream.on('error', () => stream.destroy());
    Promise.resolve(route(stream, headers, served)).catch((thrown: unknown) => {
      console.error(`berth-agent: a request of the gateway failed: ${String(thrown)}`);
      if (!stream.headersSent && !stream.destroyed) answer(stream, 500);
    });
  });
  return session;
};
