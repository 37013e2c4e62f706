import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen } from './loopback.ts';

export interface Fault {
  /** The operation, such as `PutItem`; for REST services the method and path, such as `POST /schedules/stop-x`. */
  on: RegExp;
  /**
   * `throttle`: rejected with `ThrottlingException`. `fail`: status 500. `disconnect`: the connection breaks before the
   * request arrives. `lose response`: the operation takes effect, but the connection breaks before the response.
   * `stall`: no response. An object: this response instead.
   */
  what:
    | 'throttle'
    | 'fail'
    | 'disconnect'
    | 'lose response'
    | 'stall'
    | { status: number; body: unknown; error?: string };
  /** How often; once by default. */
  times?: number;
}

export interface Seen {
  operation: string;
  body: unknown;
}

export interface Faults {
  endpoint: string;
  /** Affects the next requests that match. If several faults match, the first one applies. */
  inject(...faults: Fault[]): void;
  /** Every request so far, including those with a fault. */
  seen: Seen[];
  /** How often an operation was requested. */
  count(operation: RegExp): number;
  stop(): Promise<void>;
}

const operationOf = ({ headers, method, url = '/' }: IncomingMessage): string =>
  String(headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1) || `${method} ${url.split('?')[0]}`;

const refuse = (response: ServerResponse, status: number, error: string, body: unknown = { message: error }) =>
  response
    .writeHead(status, { 'content-type': 'application/json', ...(error === '' ? {} : { 'x-amzn-errortype': error }) })
    .end(JSON.stringify(error === '' ? body : { __type: error, ...(body as object) }));

const pass = (target: URL, request: IncomingMessage, sent: Buffer, respond: (whole: IncomingMessage) => void) =>
  new Promise<void>((resolve, reject) => {
    const { hostname, port } = target;
    const outgoing = forward({ hostname, port, method: request.method, path: request.url, headers: request.headers });
    outgoing.on('error', reject).on('response', (whole) => {
      respond(whole);
      whole.on('end', resolve).on('error', reject);
    });
    outgoing.end(sent);
  });

/** A proxy for an AWS API on loopback that simulates errors of networks and services. */
export const startFaults = async (endpoint: string): Promise<Faults> => {
  const target = new URL(endpoint);
  const pending: (Fault & { left: number })[] = [];
  const seen: Seen[] = [];

  const nextFault = (operation: string): Fault['what'] | undefined => {
    const fault = pending.find(({ on, left }) => left > 0 && on.test(operation));
    if (fault !== undefined) fault.left -= 1;
    return fault?.what;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const sent = await buffer(request);
    const operation = operationOf(request);
    seen.push({ operation, body: sent.length === 0 ? undefined : JSON.parse(sent.toString()) });
    const what = nextFault(operation);
    if (what === 'throttle') return refuse(response, 400, 'ThrottlingException');
    if (what === 'fail') return refuse(response, 500, 'InternalServerError');
    if (what === 'disconnect') return response.destroy();
    if (what === 'stall') return;
    if (what === 'lose response')
      return pass(target, request, sent, (whole) => whole.on('end', () => response.destroy()).resume());
    if (what !== undefined) return refuse(response, what.status, what.error ?? '', what.body);
    return pass(target, request, sent, (whole) => {
      response.writeHead(whole.statusCode ?? 500, whole.headers);
      whole.pipe(response);
    });
  };

  const server = await listen((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  return {
    endpoint: `http://127.0.0.1:${server.port}`,
    inject: (...faults) => void pending.push(...faults.map((fault) => ({ ...fault, left: fault.times ?? 1 }))),
    seen,
    count: (operation) => seen.filter((request) => operation.test(request.operation)).length,
    stop: server.stop,
  };
};
