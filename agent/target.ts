import { connect, type Socket, type TcpSocketConnectOpts } from 'node:net';

/** Where an app listens inside the workspace. */
export type Target = { port: number } | { path: string };

/** Dev servers listen on either loopback; which one is found out without asking a resolver. */
const bothLoopbacks = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
const lookup = (_host: string, _options: unknown, found: (error: null, addresses: typeof bothLoopbacks) => void) =>
  found(null, bothLoopbacks);

export const connectTo = (target: Target): Socket =>
  'path' in target
    ? connect({ path: target.path, allowHalfOpen: true })
    : connect({
        host: 'localhost',
        port: target.port,
        autoSelectFamily: true,
        lookup,
        allowHalfOpen: true,
      } as TcpSocketConnectOpts);

export const describeTarget = (target: Target): string =>
  'port' in target ? `port ${target.port}` : `socket ${target.path}`;
