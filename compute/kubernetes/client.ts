import { setTimeout as pause } from 'node:timers/promises';
import { refusedByCluster, silentCluster } from './api-error.ts';
import { type HttpAnswer, type HttpRequest, type KubernetesAccess, type Send, sendTo } from './http.ts';
import { type ClusterEvent, groups, type ResourceName, type Resources, words } from './resources.ts';

type Labels = Record<string, string>;

/** What the kind asks of a cluster, within one namespace. Refusals are `compute_failed` BerthErrors for a person. */
export interface KubernetesApi {
  /**
   * Server-side apply: makes the object, or changes the fields that Berth owns. `false`, and nothing done, when the
   * object's `metadata.resourceVersion` is given and is not its newest one.
   */
  apply<R extends ResourceName>(resource: R, object: Resources[R]): Promise<boolean>;
  get<R extends ResourceName>(resource: R, name: string): Promise<Resources[R] | undefined>;
  list<R extends ResourceName>(resource: R, labels: Labels): AsyncGenerator<Resources[R]>;
  /** Asks for its end; what is not there is gone already. */
  remove(resource: ResourceName, name: string, options?: { graceSeconds: number }): Promise<void>;
  removeAll(resource: ResourceName, labels: Labels): Promise<void>;
  /** What the cluster reports of one object, oldest first. */
  events(kind: 'Pod' | 'PersistentVolumeClaim', name: string): Promise<ClusterEvent[]>;
}

export interface ClientOptions extends KubernetesAccess {
  namespace: string;
  /** Per attempt. */
  timeoutMs?: number;
  /** The first pause before another attempt; each further one is twice as long. */
  pauseMs?: number;
}

/** 4 attempts of 5 s, and 0.2 + 0.4 + 0.8 s between them: 21.4 s at the longest, well within a step's 60 s. */
const attempts = 4;
const usualTimeoutMs = 5_000;
const usualPauseMs = 200;
const longestPauseMs = 5_000;
const pageSize = 250;

/** The API server is busy, restarting or in an argument with itself. All of the kind's requests may be repeated. */
const isPassing = (status: number): boolean => status === 409 || status === 429 || status >= 500;

const retrying =
  (
    send: Send,
    pauseMs: number,
  ): ((request: HttpRequest, what: string, final: readonly number[]) => Promise<HttpAnswer>) =>
  async (request, what, final) => {
    for (let attempt = 1; ; attempt++) {
      const last = attempt === attempts;
      let wait = pauseMs * 2 ** (attempt - 1);
      try {
        const answer = await send(request);
        if (last || final.includes(answer.status) || !isPassing(answer.status)) return answer;
        wait = Math.max(wait, (answer.retryAfterSeconds ?? 0) * 1_000);
      } catch (error) {
        if (last) throw silentCluster(what, error);
      }
      await pause(Math.min(wait, longestPauseMs));
    }
  };

const selector = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

interface List<T> {
  items: T[];
  metadata?: { continue?: string };
}

/** A thin client over the few requests that the kind makes; the full one is 1.9 MB of a function's bundle. */
export const kubernetesClient = (options: ClientOptions): KubernetesApi => {
  const { namespace, timeoutMs = usualTimeoutMs, pauseMs = usualPauseMs } = options;
  const send = retrying(sendTo(options, timeoutMs), pauseMs);

  const pathOf = (resource: ResourceName | 'events', name?: string, query: Record<string, string> = {}): string => {
    const place = `${groups[resource]}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
    const search = new URLSearchParams(query).toString();
    return `${place}${name === undefined ? '' : `/${encodeURIComponent(name)}`}${search === '' ? '' : `?${search}`}`;
  };
  /** Sends, and throws for whatever is neither 2xx nor among `expected`. */
  const ask = async (request: HttpRequest, what: string, expected: readonly number[] = []): Promise<HttpAnswer> => {
    const answer = await send(request, what, expected);
    if (answer.status < 300 || expected.includes(answer.status)) return answer;
    throw refusedByCluster(what, answer);
  };
  async function* pages<T>(resource: ResourceName | 'events', query: Record<string, string>): AsyncGenerator<T> {
    let next: string | undefined;
    do {
      const page = { ...query, limit: String(pageSize), ...(next === undefined ? {} : { continue: next }) };
      const { body } = await ask({ method: 'GET', path: pathOf(resource, undefined, page) }, `the ${words[resource]}s`);
      const list = JSON.parse(body) as List<T>;
      yield* list.items;
      next = list.metadata?.continue || undefined;
    } while (next !== undefined);
  }
  const removal = (path: string, what: string, graceSeconds?: number) => {
    const body = JSON.stringify({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
    });
    return ask({ method: 'DELETE', path, contentType: 'application/json', body }, what, [404]);
  };

  return {
    async apply(resource, object) {
      const name = object.metadata?.name ?? '';
      const path = pathOf(resource, name, { fieldManager: 'berth', force: 'true' });
      const body = JSON.stringify(object);
      const fenced = object.metadata?.resourceVersion !== undefined;
      const request: HttpRequest = { method: 'PATCH', path, contentType: 'application/apply-patch+yaml', body };
      const answer = await ask(request, `the ${words[resource]} ${name}`, fenced ? [409] : []);
      return answer.status !== 409;
    },
    async get(resource, name) {
      const answer = await ask(
        { method: 'GET', path: pathOf(resource, name) },
        `the ${words[resource]} ${name}`,
        [404],
      );
      return answer.status === 404 ? undefined : JSON.parse(answer.body);
    },
    list: (resource, labels) => pages(resource, { labelSelector: selector(labels) }),
    async remove(resource, name, removalOptions) {
      await removal(pathOf(resource, name), `the end of the ${words[resource]} ${name}`, removalOptions?.graceSeconds);
    },
    async removeAll(resource, labels) {
      const path = pathOf(resource, undefined, { labelSelector: selector(labels) });
      await removal(path, `the end of the ${words[resource]}s`);
    },
    async events(kind, name) {
      const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name}`;
      return Array.fromAsync(pages<ClusterEvent>('events', { fieldSelector }));
    },
  };
};
