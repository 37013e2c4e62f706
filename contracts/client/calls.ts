import { type ErrorName, errorNameOf } from '../errors/error-names.ts';
import type { Problem } from '../errors/problem.ts';
import type { Route } from '../routes/route.ts';
import type { RouteInput, RouteName, RouteResponse } from '../routes/routes.ts';

/** An error response. `message` is the problem's `detail`, written for people. */
export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
  override readonly name = 'ApiError';
  get error(): ErrorName {
    return errorNameOf(this.problem);
  }
}

export interface ClientOptions {
  /** Origin of the API, for example `http://localhost:8080`; empty in a browser on the same origin. */
  baseUrl: string;
  /** Called for every request, so that a refreshed token is used. */
  token?: () => string | undefined | Promise<string | undefined>;
  fetch?: typeof fetch;
}

interface CallOptions {
  signal?: AbortSignal;
  idempotencyKey?: string;
}

export type Client = {
  [N in RouteName]: (
    ...args: unknown extends RouteInput<N>
      ? [input?: Record<string, never>, options?: CallOptions]
      : Record<string, never> extends RouteInput<N>
        ? [input?: RouteInput<N>, options?: CallOptions]
        : [input: RouteInput<N>, options?: CallOptions]
  ) => Promise<RouteResponse<N>>;
};

/** What a client needs of a route; only the server needs the schemas. */
type RouteAddress = Pick<Route, 'method' | 'path'>;
export type RouteAddresses = Readonly<Record<RouteName, RouteAddress>>;

interface AnyInput {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
}

const urlOf = (baseUrl: string, path: string, input: AnyInput): string => {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input.params?.[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  return baseUrl + filled + (query.size > 0 ? `?${query}` : '');
};

const problemOf = async (response: Response): Promise<Problem> => {
  const text = await response.text();
  // Loaded on the first error, to keep the schemas out of the portal's first load.
  const { Problem } = await import('../errors/problem.ts');
  try {
    return Problem.parse(JSON.parse(text));
  } catch {
    return {
      type: 'about:blank',
      title: response.statusText,
      status: response.status,
      detail: `Berth returned the status ${response.status} without a reason. Try again. If the problem persists, contact your administrator.`,
    };
  }
};

/**
 * A typed function per route, over `fetch`. Throws `ApiError` for problems and `TypeError` when there is no connection.
 */
export const clientOf = (addresses: RouteAddresses, options: ClientOptions): Client => {
  const send = options.fetch ?? fetch;
  const call = async (
    route: RouteAddress,
    input: AnyInput = {},
    { signal, idempotencyKey }: CallOptions = {},
  ): Promise<unknown> => {
    const headers: Record<string, string> = { accept: 'application/json' };
    const token = await options.token?.();
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    if (input.body !== undefined) headers['content-type'] = 'application/json';
    const response = await send(urlOf(options.baseUrl, route.path, input), {
      method: route.method,
      headers,
      ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!response.ok) throw new ApiError(await problemOf(response));
    return response.status === 204 ? undefined : response.json();
  };
  return Object.fromEntries(
    Object.entries(addresses).map(([name, route]) => [
      name,
      (input?: AnyInput, callOptions?: CallOptions) => call(route, input, callOptions),
    ]),
  ) as unknown as Client;
};
