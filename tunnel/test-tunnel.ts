import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket as Client, type WebSocket, WebSocketServer } from 'ws';
import { Connection, type Take } from './connection.ts';
import { largestMessage } from './frames.ts';

const undo: (() => unknown)[] = [];
export const cleanUp = async (): Promise<void> => {
  for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last();
};

/** Both ends of a WebSocket, set up as gateway and agent do. */
export const givenSockets = async (): Promise<{ dialled: WebSocket; dialler: WebSocket }> => {
  const options = { perMessageDeflate: false, autoPong: false, maxPayload: largestMessage };
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
  await once(server, 'listening');
  const dialler = new Client(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  const opened = once(dialler, 'open');
  const [dialled] = (await once(server, 'connection')) as [WebSocket];
  await opened;
  undo.push(() => {
    dialler.terminate();
    dialled.terminate();
    server.close();
  });
  return { dialled, dialler };
};

/** A tunnel whose streams are taken as told. */
export const givenTunnel = async (take: Take) => {
  const sockets = await givenSockets();
  return { ...sockets, near: new Connection(sockets.dialled), far: new Connection(sockets.dialler, take) };
};

/** The end that was dialled, and a dialler that says whatever it is told to. */
export const givenStranger = async () => {
  const { dialled, dialler } = await givenSockets();
  const near = new Connection(dialled);
  dialler.on('error', () => undefined);
  return { near, socket: dialler, closed: once(dialler, 'close') };
};
