import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';

/** How long an agent may take to answer. */
export const answerMs = 10_000;

/** A stream could not be had: refused with a status, or not answered at all. `message` is the rest of a sentence. */
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

interface Asked<T> {
  /** With a body the request is ended by it, without one it stays open. */
  body?: string;
  /** Reads the answer from the beginning: one that is over before its headers are told of is lost to whoever begins later. */
  take?: (stream: ClientHttp2Stream) => Promise<T>;
  withinMs?: number;
}

/** A stream on a session, once the other end has agreed to it; throws `StreamRefused` when it does not. */
export const openStream = <T = ClientHttp2Stream>(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  { body, take, withinMs = answerMs }: Asked<T> = {},
): Promise<T> =>
  new Promise((resolve, reject) => {
    const refuse = (...why: ConstructorParameters<typeof StreamRefused>) => reject(new StreamRefused(...why));
    if (session.destroyed || session.closed) return refuse('it is not connected');
    const stream = session.request(headers, { endStream: false });
    if (body !== undefined) stream.end(body);
    const taken = take?.(stream);
    taken?.catch((error: Error) => refuse(error.message));
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), withinMs);
    stream.once('response', (answer) => {
      const { ':status': status = 0 } = answer;
      if (taken === undefined) clearTimeout(timer);
      if (status < 300) return resolve(taken ?? (stream as T));
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
  { headers = {}, withinMs = answerMs }: { headers?: OutgoingHttpHeaders; withinMs?: number } = {},
): Promise<ClientHttp2Stream> => {
  const named = { ...headers, ':method': 'CONNECT', ':authority': authority };
  return Object.assign(await openStream(session, named, { withinMs }), socketMethods);
};
