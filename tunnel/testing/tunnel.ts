import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket as Client, type WebSocket, WebSocketServer } from 'ws';
import { type StreamHandler, TunnelConnection } from '../connection.ts';
import { maxReceivedMessageBytes } from '../frames.ts';

const undo: (() => unknown)[] = [];
export const cleanUp = async (): Promise<void> => {
  for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last();
};

/** Both ends of a WebSocket, set up as gateway and agent do. */
export const givenSockets = async (): Promise<{ dialed: WebSocket; dialer: WebSocket }> => {
  const options = { perMessageDeflate: false, autoPong: false, maxPayload: maxReceivedMessageBytes };
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
  await once(server, 'listening');
  const dialer = new Client(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  const opened = once(dialer, 'open');
  const [dialed] = (await once(server, 'connection')) as [WebSocket];
  await opened;
  undo.push(() => {
    dialer.terminate();
    dialed.terminate();
    server.close();
  });
  return { dialed, dialer };
};

/** Both ends of a tunnel; `handle` gets the streams at the end that dialed. */
export const givenTunnel = async (handle: StreamHandler) => {
  const sockets = await givenSockets();
  return { ...sockets, near: new TunnelConnection(sockets.dialed), far: new TunnelConnection(sockets.dialer, handle) };
};

/** The end that was dialed, and a bare WebSocket as its peer, to send frames of any kind. */
export const givenRawPeer = async () => {
  const { dialed, dialer } = await givenSockets();
  const near = new TunnelConnection(dialed);
  dialer.on('error', () => undefined);
  return { near, socket: dialer, closed: once(dialer, 'close') };
};
