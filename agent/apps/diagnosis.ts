import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { AppDiagnosis } from '../../contracts/agent/tunnel.ts';
import { type AppTarget, connectToTarget } from './target.ts';

const checkTimeoutMs = 2_000;

/** The client's preface and an empty SETTINGS frame (RFC 9113, section 3.4). */
const http2Preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/** Whether bytes start with a SETTINGS frame on stream 0, the first frame that an HTTP/2 server sends. */
const startsWithSettingsFrame = (bytes: Buffer): boolean =>
  bytes.length >= 9 && bytes[3] === 4 && bytes.readUInt32BE(5) === 0;

const speaksHttp2 = async (socket: Duplex, signal: AbortSignal): Promise<boolean> => {
  socket.write(http2Preface);
  let seen = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    seen = Buffer.concat([seen, chunk as Buffer]);
    if (seen.length >= 9 || signal.aborted) break;
  }
  return startsWithSettingsFrame(seen);
};

/** Runs a check on a new connection, then closes it. A check that fails or takes too long returns false. */
const check = async <S extends Duplex>(
  socket: S,
  ready: string,
  test: (socket: S, signal: AbortSignal) => boolean | Promise<boolean> = () => true,
): Promise<boolean> => {
  const signal = AbortSignal.timeout(checkTimeoutMs);
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  // Another error may follow the one that ended the wait.
  socket.on('error', () => undefined);
  try {
    await once(socket, ready, { signal });
    return await test(socket, signal);
  } catch {
    // A broken connection is a result too: the server does not speak this protocol.
    return false;
  } finally {
    socket.destroy();
  }
};

/** Whether the target speaks TLS and, if a protocol is given, selects it by ALPN when it is the only one offered. */
const speaksTls = (target: AppTarget, protocol?: 'h2' | 'http/1.1'): Promise<boolean> => {
  const socket = connectTls({
    socket: connectToTarget({ ...target, tls: false }),
    rejectUnauthorized: false,
    ...(protocol === undefined ? {} : { ALPNProtocols: [protocol] }),
  });
  return check<TLSSocket>(
    socket,
    'secureConnect',
    ({ alpnProtocol }) => protocol === undefined || alpnProtocol === protocol,
  );
};

const diagnoseTls = async (target: AppTarget): Promise<AppDiagnosis> => {
  if (await speaksTls(target, 'http/1.1')) return 'unknown';
  if (await speaksTls(target, 'h2')) return 'http2_only';
  return (await speaksTls(target)) ? 'unknown' : 'not_https';
};

/**
 * Finds out what protocol a server speaks that gave no valid response. Costs up to four connections, so call it only
 * after a failure.
 */
export const diagnoseApp = async (target: AppTarget): Promise<AppDiagnosis> => {
  const connection = () => connectToTarget({ ...target, tls: false });
  if (!(await check(connection(), 'connect'))) return 'refused';
  if (target.tls) return diagnoseTls(target);
  if (await check(connection(), 'connect', speaksHttp2)) return 'http2_only';
  return (await speaksTls(target)) ? 'https_only' : 'unknown';
};
