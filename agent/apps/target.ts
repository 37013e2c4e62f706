import { connect, type Socket, type TcpSocketConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where an app listens in the workspace, and whether it speaks TLS there. */
export type AppTarget = ({ port: number } | { path: string }) & { tls?: boolean };

/** Dev servers listen on one of the two loopback addresses. Both are tried, without a resolver. */
const loopbackAddresses = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
const lookup = (_host: string, _options: unknown, found: (error: null, addresses: typeof loopbackAddresses) => void) =>
  found(null, loopbackAddresses);

/**
 * Node's default of 250 ms gives up an address to which the kernel has connected already, if the agent was busy for
 * that long. A loopback address without a listener refuses immediately.
 */
const attemptTimeoutMs = 5_000;

const connectOptions = (target: AppTarget) =>
  'path' in target
    ? { path: target.path, allowHalfOpen: true }
    : ({
        host: 'localhost',
        port: target.port,
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: attemptTimeoutMs,
        lookup,
        allowHalfOpen: true,
      } as TcpSocketConnectOpts);

/**
 * Connects to a target. Certificates are not verified: the connection does not leave the workspace, and dev servers use
 * self-signed ones.
 */
export const connectToTarget = (target: AppTarget): Socket =>
  target.tls ? connectTls({ ...connectOptions(target), rejectUnauthorized: false }) : connect(connectOptions(target));

/** The event of a socket of `connectToTarget` after which bytes can be sent. */
export const readyEvent = ({ tls }: AppTarget): 'connect' | 'secureConnect' => (tls ? 'secureConnect' : 'connect');

export const describeTarget = (target: AppTarget): string =>
  'port' in target ? `port ${target.port}` : `socket ${target.path}`;
