import type { Server } from 'node:http';
import { finished } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { WebSocket } from 'ws';
import type { AppDiagnosis, Manifest } from '../../contracts/agent/tunnel.ts';
import {
  activityAuthority,
  appAuthority,
  diagnosisAuthority,
  eventsAuthority,
  portOfAuthority,
  runAuthority,
  sessionAuthority,
} from '../../contracts/agent/wire.ts';
import { TunnelConnection } from '../../tunnel/connection.ts';
import type { TunnelStream } from '../../tunnel/stream.ts';
import { diagnoseApp } from '../apps/diagnosis.ts';
import { type AppTarget, connectToTarget, readyEvent } from '../apps/target.ts';
import type { ActivityMeter } from '../common/activity.ts';
import type { EventLog } from '../common/events.ts';
import { log } from '../common/log.ts';
import type { WorkspaceRuntime } from '../startup/workspace-runtime.ts';

interface TunnelServices {
  runtime: WorkspaceRuntime;
  events: EventLog;
  activity: ActivityMeter;
  sessions: Server;
  /** Called when the gateway sent a manifest, which shows that the connection works. */
  manifestReceived: () => void;
}

/** After the manifest the agent ends the stream if the build is its own, else it resets the stream. */
const acceptManifest = async (stream: TunnelStream, { runtime, manifestReceived }: TunnelServices): Promise<void> => {
  stream.accept();
  // Not validated: that would load zod, and the gateway builds the manifest from its own types.
  const manifest = JSON.parse(await text(stream)) as Manifest;
  manifestReceived();
  if (runtime.start(manifest)) stream.end();
  else stream.destroy();
};

const streamEvents = (stream: TunnelStream, after: number, { events }: TunnelServices): void => {
  stream.accept();
  stream.once(
    'close',
    events.follow(after, (event) => stream.write(`${JSON.stringify(event)}\n`)),
  );
};

const sendActivity = (stream: TunnelStream, { activity }: TunnelServices): void => {
  stream.accept();
  stream.end(JSON.stringify(activity.summary()));
  stream.resume();
};

const connectApp = (stream: TunnelStream, target: AppTarget, { activity }: TunnelServices): void => {
  const socket = connectToTarget(target);
  const close = activity.countConnection();
  let isConnected = false;
  finished(stream, () => {
    close();
    socket.destroy();
  });
  socket.on('error', () => {
    if (isConnected) stream.destroy();
    else stream.refuse(502);
  });
  socket.once(readyEvent(target), () => {
    if (stream.destroyed) return;
    isConnected = true;
    stream.accept();
    stream.pipe(socket);
    socket.pipe(stream);
  });
};

const passToSessionServer = (stream: TunnelStream, { sessions }: TunnelServices): void => {
  stream.accept();
  sessions.emit('connection', stream);
};

/** The rest of an authority that starts with the prefix. */
const suffixAfter = (prefix: string, authority: string): string | undefined =>
  authority.startsWith(prefix) ? authority.slice(prefix.length) : undefined;

/** Ports without an app that speak TLS, as a diagnosis found. */
const tlsPorts = new Set<number>();

/** The target of an authority: an app of the template, or any port on the workspace's loopback. */
const targetOf = (authority: string, runtime: WorkspaceRuntime): AppTarget | undefined => {
  const port = portOfAuthority(authority);
  if (port !== undefined) return { port, tls: tlsPorts.has(port) };
  const app = suffixAfter(appAuthority(''), authority);
  return app === undefined ? undefined : runtime.targetOf(app);
};

/** Remembers whether the server on a port speaks TLS, because no template declares it. */
const learnProtocol = (authority: string, diagnosis: AppDiagnosis): void => {
  const port = portOfAuthority(authority);
  if (port === undefined) return;
  if (diagnosis === 'https_only') tlsPorts.add(port);
  else if (diagnosis === 'not_https' || diagnosis === 'refused') tlsPorts.delete(port);
};

const sendDiagnosis = async (stream: TunnelStream, authority: string, { runtime }: TunnelServices): Promise<void> => {
  const target = targetOf(authority, runtime);
  if (target === undefined) return stream.refuse(404);
  stream.accept();
  stream.resume();
  const diagnosis = await diagnoseApp(target);
  learnProtocol(authority, diagnosis);
  stream.end(JSON.stringify(diagnosis));
};

const route = (stream: TunnelStream, authority: string, services: TunnelServices): unknown => {
  if (authority === runAuthority) return acceptManifest(stream, services);
  if (authority === activityAuthority) return sendActivity(stream, services);
  if (authority === sessionAuthority) return passToSessionServer(stream, services);
  const diagnosedAuthority = suffixAfter(diagnosisAuthority(''), authority);
  if (diagnosedAuthority !== undefined) return sendDiagnosis(stream, diagnosedAuthority, services);
  const lastSeq = suffixAfter(eventsAuthority(''), authority);
  if (lastSeq !== undefined) return streamEvents(stream, Number(lastSeq), services);
  const target = targetOf(authority, services.runtime);
  return target === undefined ? stream.refuse(404) : connectApp(stream, target, services);
};

/** Serves the streams that the gateway opens on a connection. contracts/agent/tunnel.ts defines them. */
export const serveTunnel = (socket: WebSocket, services: TunnelServices): TunnelConnection =>
  new TunnelConnection(socket, (stream, authority) => {
    Promise.resolve(route(stream, authority, services)).catch((thrown: unknown) => {
      log(`a request of the gateway failed: ${String(thrown)}`);
      stream.destroy();
    });
  });
