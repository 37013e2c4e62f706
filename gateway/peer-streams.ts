import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';

/** A peer gave no stream: it refused with a status, or did not answer at all. */
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

/** What `http` expects of a socket and an HTTP/2 stream, which has no socket of its own, lacks. */
const socketMethods = {
  setNoDelay: () => undefined,
  setKeepAlive: () => undefined,
  ref: () => undefined,
  unref: () => undefined,
};

/** A stream on a session, open for what is to be sent, once the peer has agreed. Throws `StreamRefused` when it does not. */
export const openStream = (
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  withinMs: number,
): Promise<ClientHttp2Stream> =>
  new Promise((resolve, reject) => {
    const refuse = (...why: ConstructorParameters<typeof StreamRefused>) => reject(new StreamRefused(...why));
    if (session.destroyed || session.closed) return refuse('it is not connected');
    const stream = session.request(headers, { endStream: false });
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), withinMs);
    stream.once('response', (answer) => {
      clearTimeout(timer);
      const { ':status': status = 0 } = answer;
      if (status < 300) return resolve(stream);
      stream.close(constants.NGHTTP2_CANCEL);
      refuse(`it refused (${status})`, status, answer);
    });
    // Whoever uses the stream listens too; this one is here so that an error before that ends no process.
    stream.on('error', (error) => refuse(error.message));
    stream.once('close', () => {
      clearTimeout(timer);
      refuse('the connection was lost');
    });
  });

/** A stream of bytes to what the authority names, fit to be a socket for `http`. */
export const openConnect = async (
  session: ClientHttp2Session,
  authority: string,
  headers: OutgoingHttpHeaders,
  withinMs: number,
): Promise<ClientHttp2Stream> => {
  const named = { ...headers, ':method': 'CONNECT', ':authority': authority };
  return Object.assign(await openStream(session, named, withinMs), socketMethods);
};
