import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';

/** A peer refused a stream with a status, or did not respond at all. */
export class StreamRefused extends Error {
  override readonly name = 'StreamRefused';
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;

  constructor(message: string, status?: number, headers: IncomingHttpHeaders = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** Methods that `node:http` calls on a socket and an HTTP/2 stream does not have. */
const socketMethods = {
  setNoDelay: () => undefined,
  setKeepAlive: () => undefined,
  ref: () => undefined,
  unref: () => undefined,
};

/** Opens a stream and waits until the peer accepts it. Throws `StreamRefused` if it does not. */
export const openStream = (
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  timeoutMs: number,
): Promise<ClientHttp2Stream> =>
  new Promise((resolve, reject) => {
    const refuse = (...reason: ConstructorParameters<typeof StreamRefused>) => reject(new StreamRefused(...reason));
    if (session.destroyed || session.closed) return refuse('it is not connected');
    const stream = session.request(headers, { endStream: false });
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), timeoutMs);
    stream.once('response', (response) => {
      clearTimeout(timer);
      const { ':status': status = 0 } = response;
      if (status < 300) return resolve(stream);
      stream.close(constants.NGHTTP2_CANCEL);
      refuse(`it refused (${status})`, status, response);
    });
    // Users of the stream add their own listener. Before that, an error without a listener would end the process.
    stream.on('error', (error) => refuse(error.message));
    stream.once('close', () => {
      clearTimeout(timer);
      refuse('the connection was lost');
    });
  });

/** Opens a byte stream to what the authority names; `node:http` can use it as a socket. */
export const openConnect = async (
  session: ClientHttp2Session,
  authority: string,
  headers: OutgoingHttpHeaders,
  timeoutMs: number,
): Promise<ClientHttp2Stream> => {
  const connectHeaders = { ...headers, ':method': 'CONNECT', ':authority': authority };
  return Object.assign(await openStream(session, connectHeaders, timeoutMs), socketMethods);
};
