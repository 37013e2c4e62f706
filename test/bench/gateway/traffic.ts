import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';
import type { GatewayFixture } from './fixture.ts';

/** Where a request goes: to the app through the gateway, or directly to the app. */
export interface Target {
  port: number;
  headers: Record<string, string>;
}

export const directTarget = ({ appPort }: GatewayFixture): Target => ({ port: appPort, headers: {} });

/** To the app of the first workspace, or of another by its number. */
export const gatewayTarget = ({ port, workspaces }: GatewayFixture, number = 0): Target => ({
  port,
  headers: { host: `web--w-${number}--ada.localhost:${port}`, cookie: `berth-app=${workspaces[number]?.appSession}` },
});

const agent = new Agent({ keepAlive: true });

/** Resolves with the number of bytes in the response. Rejects unless the status is 200. */
export const get = ({ port, headers }: Target, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(bytes);
        else reject(new Error(`${path} returned ${response.statusCode}`));
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });

/** Sends this many bytes to the app, as fast as it accepts them. */
export const upload = ({ port, headers }: Target, bytes: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const chunk = Buffer.alloc(64 * 1024, 'berth');
    const whole = { ...headers, 'content-length': String(bytes) };
    const sent = request(
      { host: '127.0.0.1', port, path: '/swallow', method: 'POST', headers: whole, agent },
      (response) => {
        response.resume();
        response.on('end', resolve);
      },
    );
    sent.on('error', reject);
    let left = bytes;
    const more = (): void => {
      while (left > 0) {
        const piece = chunk.subarray(0, left);
        left -= piece.length;
        if (!sent.write(piece)) return void sent.once('drain', more);
      }
      sent.end();
    };
    more();
  });

export interface OpenSession {
  socket: WebSocket;
  /** Called with each chunk of output. */
  onOutput(take: (bytes: Buffer) => void): void;
  type(text: string): void;
}

/** A session in the first workspace, opened with the protocol's `start` message. */
export const openSession = (
  { port, token }: GatewayFixture,
  kind: 'terminal' | 'exec',
  start: object,
): Promise<OpenSession> =>
  new Promise((resolve, reject) => {
    const url = `ws://127.0.0.1:${port}/gateway/workspaces/w-0/${kind}`;
    const headers = { authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    let take = (_bytes: Buffer): void => undefined;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) take(data.subarray(1));
      else if (JSON.parse(data.toString()).type === 'error') reject(new Error(data.toString()));
    });
    socket.once('error', reject);
    socket.once('open', () => {
      socket.send(JSON.stringify({ type: 'start', ...start }));
      const onOutput = (to: (bytes: Buffer) => void) => {
        take = to;
      };
      resolve({ socket, onOutput, type: (text) => socket.send(Buffer.concat([Buffer.of(0), Buffer.from(text)])) });
    });
  });

/** Runs a command that writes this many bytes into an exec session; resolves when all of them have arrived. */
export const stream = async (plane: GatewayFixture, bytes: number): Promise<void> => {
  const { socket, onOutput } = await openSession(plane, 'exec', {
    command: ['head', '-c', String(bytes), '/dev/zero'],
  });
  let left = bytes;
  await new Promise<void>((resolve, reject) => {
    onOutput((piece) => {
      left -= piece.length;
      if (left === 0) resolve();
    });
    socket.once('close', () => reject(new Error('the session ended early')));
  });
  socket.close();
};
