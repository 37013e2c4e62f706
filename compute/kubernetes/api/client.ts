import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesObject, V1DeleteOptions } from '@kubernetes/client-node';
import { backOffMs, type Jitter } from '../../../base/back-off.ts';
import { clusterRefusal, clusterUnreachable, isTransient, isUnauthorized } from './api-error.ts';
import { type HttpRequest, type HttpResponse, type KubernetesAccess, type Send, sendTo } from './http.ts';
import { apiPaths, type ClusterEvent, type ResourceName, type Resources, resourceNames } from './resources.ts';

type Labels = Record<string, string>;

const pluralOf = (resource: keyof typeof resourceNames): string => `${resourceNames[resource].replace(/y$/, 'ie')}s`;

/**
 * The requests that the kind makes, within one namespace. A refusal is a `compute_failed` BerthError for people; a
 * cluster that is unreachable or busy is `compute_unreachable`.
 */
export interface KubernetesApi {
  /**
   * Server-side apply: creates the object, or changes the fields that Berth owns. Returns `false`, without a change,
   * when the given `metadata.resourceVersion` is not the object's newest.
   */
  apply<R extends ResourceName>(resource: R, object: Resources[R]): Promise<boolean>;
  /** Sets annotations of an object that another manager than server-side apply owns; `null` removes one. */
  annotate(resource: ResourceName, name: string, annotations: Record<string, string | null>): Promise<void>;
  get<R extends ResourceName>(resource: R, name: string): Promise<Resources[R] | undefined>;
  list<R extends ResourceName>(resource: R, labels: Labels): AsyncGenerator<Resources[R]>;
  /** Requests the deletion. An object that does not exist counts as deleted. */
  remove(resource: ResourceName, name: string, options?: { graceSeconds: number }): Promise<void>;
  /** Requests the deletion of the object as it was read; does nothing if it changed since or no longer exists. */
  removeUnchanged(resource: ResourceName, seen: KubernetesObject): Promise<void>;
  removeAll(resource: ResourceName, labels: Labels): Promise<void>;
  /** The events of one object, oldest first. */
  events(kind: 'Pod' | 'PersistentVolumeClaim', name: string): Promise<ClusterEvent[]>;
}

export interface ClientOptions extends KubernetesAccess {
  namespace: string;
  /** Per attempt. */
  timeoutMs?: number;
  /** The pause before the second attempt; doubles with each further attempt. */
  pauseMs?: number;
}

/**
 * 4 attempts of 5 s, and up to 0.3 + 0.6 + 1.2 s between them: at most 22.1 s, well within a step function's 60 s. A
 * longer outage, for example a restart of the API server, is `compute_unreachable`, which the workflow retries for
 * minutes.
 */
const attempts = 4;
const jitter: Jitter = [1, 1.5];
const defaultTimeoutMs = 5_000;
const defaultPauseMs = 200;
const maxPauseMs = 5_000;
const pageSize = 250;

const retrying =
  (
    send: Send,
    pauseMs: number,
  ): ((request: HttpRequest, what: string, final: readonly number[]) => Promise<HttpResponse>) =>
  async (request, what, final) => {
    for (let attempt = 1; ; attempt++) {
      const last = attempt === attempts;
      let atLeastMs = 0;
      try {
        const response = await send(request);
        if (last || final.includes(response.status) || !isTransient(response)) return response;
        atLeastMs = (response.retryAfterSeconds ?? 0) * 1_000;
      } catch (error) {
        if (last) throw clusterUnreachable(what, error);
      }
      // Jitter, so that many starts do not return at the same moment to an API server that has just recovered.
      await pause(backOffMs(attempt, { firstDelayMs: pauseMs, longestDelayMs: maxPauseMs, jitter }, { atLeastMs }));
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

/** A client for only the requests that the kind makes: the official client would add 1.9 MB to a function's bundle. */
export const kubernetesClient = (options: ClientOptions): KubernetesApi => {
  const { namespace, timeoutMs = defaultTimeoutMs, pauseMs = defaultPauseMs } = options;
  const send = retrying(sendTo(options, timeoutMs), pauseMs);

  const pathOf = (resource: ResourceName | 'events', name?: string, query: Record<string, string> = {}): string => {
    const path = `${apiPaths[resource]}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
    const search = new URLSearchParams(query).toString();
    return `${path}${name === undefined ? '' : `/${encodeURIComponent(name)}`}${search === '' ? '' : `?${search}`}`;
  };
  /** Sends the request. Throws for a status that is neither 2xx nor in `expected`. */
  const sendRequest = async (
    request: HttpRequest,
    what: string,
    expected: readonly number[] = [],
  ): Promise<HttpResponse> => {
    const response = await send(request, what, expected);
    if (response.status < 300 || expected.includes(response.status)) return response;
    const second = isUnauthorized(response) ? await retryIfReady(request, what, expected) : response;
    if (second.status < 300 || expected.includes(second.status)) return second;
    throw clusterRefusal(what, second);
  };

  /**
   * An API server that has just started refuses all requests until it has read its roles, and reports that it is not
   * ready.
   */
  const retryIfReady = async (
    request: HttpRequest,
    what: string,
    expected: readonly number[],
  ): Promise<HttpResponse> => {
    const { status } = await send({ method: 'GET', path: '/readyz' }, 'its readiness', [500]);
    if (status !== 200) throw clusterUnreachable(what, new Error(`/readyz responded with status ${status}`));
    return send(request, what, expected);
  };
  async function* pages<T>(resource: ResourceName | 'events', query: Record<string, string>): AsyncGenerator<T> {
    let next: string | undefined;
    do {
      const page = { ...query, limit: String(pageSize), ...(next === undefined ? {} : { continue: next }) };
      const { body } = await sendRequest(
        { method: 'GET', path: pathOf(resource, undefined, page) },
        `the ${pluralOf(resource)}`,
      );
      const list = JSON.parse(body) as List<T>;
      yield* list.items;
      next = list.metadata?.continue || undefined;
    } while (next !== undefined);
  }
  const deleteAt = (path: string, what: string, more: V1DeleteOptions = {}) => {
    const options: V1DeleteOptions = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      ...more,
    };
    const expected = more.preconditions === undefined ? [404] : [404, 409];
    const body = JSON.stringify(options);
    return sendRequest({ method: 'DELETE', path, contentType: 'application/json', body }, what, expected);
  };

  return {
    async apply(resource, object) {
      const name = object.metadata?.name ?? '';
      const path = pathOf(resource, name, { fieldManager: 'berth', force: 'true' });
      const body = JSON.stringify(object);
      const fenced = object.metadata?.resourceVersion !== undefined;
      const request: HttpRequest = { method: 'PATCH', path, contentType: 'application/apply-patch+yaml', body };
      const response = await sendRequest(request, `the ${resourceNames[resource]} ${name}`, fenced ? [409] : []);
      return response.status !== 409;
    },
    async annotate(resource, name, annotations) {
      const body = JSON.stringify({ metadata: { annotations } });
      const path = pathOf(resource, name);
      const request: HttpRequest = { method: 'PATCH', path, contentType: 'application/merge-patch+json', body };
      await sendRequest(request, `the ${resourceNames[resource]} ${name}`, [404]);
    },
    async get(resource, name) {
      const response = await sendRequest(
        { method: 'GET', path: pathOf(resource, name) },
        `the ${resourceNames[resource]} ${name}`,
        [404],
      );
      return response.status === 404 ? undefined : JSON.parse(response.body);
    },
    list: (resource, labels) => pages(resource, { labelSelector: selector(labels) }),
    async remove(resource, name, removalOptions) {
      const grace = removalOptions && { gracePeriodSeconds: removalOptions.graceSeconds };
      await deleteAt(pathOf(resource, name), `the deletion of the ${resourceNames[resource]} ${name}`, grace);
    },
    async removeUnchanged(resource, { metadata: { name = '', uid = '', resourceVersion = '' } = {} }) {
      const preconditions = { uid, resourceVersion };
      await deleteAt(pathOf(resource, name), `the deletion of the ${resourceNames[resource]} ${name}`, {
        preconditions,
      });
    },
    async removeAll(resource, labels) {
      const path = pathOf(resource, undefined, { labelSelector: selector(labels) });
      await deleteAt(path, `the deletion of the ${pluralOf(resource)}`);
    },
    async events(kind, name) {
      const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name}`;
      return Array.fromAsync(pages<ClusterEvent>('events', { fieldSelector }));
    },
  };
};
