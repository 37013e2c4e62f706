import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { KubernetesObject, V1Pod } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { type Fate, type Kubelet, type KubeletOptions, startKubelet } from './kubelet.ts';
import { type ApiRequest, type ApiResponse, openStore, refusal, type Store } from './store.ts';
import type { Plural } from './strict.ts';

/**
 * The part of a cluster that Berth speaks to: server-side apply, get, list by label with pages, delete with grace,
 * events, faults on demand; and a node that runs the real agent as a process for each pod.
 */
export interface ClusterDouble extends Pick<Store, 'hold' | 'unhold' | 'bind'> {
  url: string;
  kubelet: Kubelet;
  /** What was asked, in order. */
  requests: { method: string; path: string; body: string; authorization: string | undefined }[];
  objects<T extends KubernetesObject>(resource: Plural): T[];
  /** What becomes of the pods of a workspace (`*` for any) from now on; `undefined` lets them run. */
  ordain(workspaceId: string, fate: Fate | undefined): void;
  /** The next requests that fit fail so: with a status, or without an answer. */
  fail(fault: Fault): void;
  /** Whether connections are refused, as while an API server restarts. */
  refuse(refused: boolean): void;
  /** Whether the API server has just started: its roles are not read yet, so it refuses everybody, and is not ready. */
  starting(now: boolean): void;
  report(kind: string, name: string, reason: string, message: string): void;
  evict(podName: string, message: string): Promise<void>;
  close(): Promise<void>;
}

export interface Fault {
  method?: string;
  path?: RegExp;
  times: number;
  status?: number;
  message?: string;
  retryAfter?: string;
  /** Never answered, as by a server that hangs. */
  silent?: true;
}

export interface ClusterOptions extends Pick<KubeletOptions, 'agentFile' | 'clock'> {
  token?: string;
  namespace?: string;
  /** Whether infra/kubernetes/local.yaml was applied too; it was, unless said otherwise. */
  reviewsTokens?: boolean;
}

const readRequest = async (request: IncomingMessage): Promise<ApiRequest & { namespace: string | undefined }> => {
  const url = new URL(request.url ?? '/', 'http://cluster');
  const [, namespace, resource = '', name] =
    /^\/(?:api\/v1|apis\/networking\.k8s\.io\/v1)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(url.pathname) ??
    [];
  return {
    method: request.method ?? '',
    namespace,
    resource,
    name,
    query: url.searchParams,
    body: await text(request),
  };
};

/** A server-side apply may make what it applies to. */
const verbsFor = (method: string, name: string | undefined): string[] => {
  if (method === 'PATCH') return ['patch', 'create'];
  if (method === 'GET') return [name === undefined ? 'list' : 'get'];
  return [name === undefined ? 'deletecollection' : 'delete'];
};

interface Manifest {
  kind: string;
  rules?: { resources: string[]; verbs: string[] }[];
}
const manifests = parseAllDocuments(
  readFileSync(join(import.meta.dirname, '../../../infra/kubernetes/berth.yaml'), 'utf8'),
).map((document) => document.toJS() as Manifest);
const rules = manifests.flatMap(({ kind, rules = [] }) => (kind === 'Role' ? rules : []));
const allowed = new Set(
  rules.flatMap(({ resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`))),
);

/** Starts a cluster of its own, with a folder of its own for volumes. */
export const startCluster = async (options: ClusterOptions): Promise<ClusterDouble> => {
  const { clock, token, namespace = 'berth', reviewsTokens = true } = options;
  const dir = temporaryFolder();
  const kubelet = startKubelet({ ...options, dir });
  const fates = new Map<string, Fate>();
  const faults: Fault[] = [];
  const requests: ClusterDouble['requests'] = [];
  const fateOf = ({ metadata }: KubernetesObject) =>
    fates.get(metadata?.labels?.['berth.dev/workspace'] ?? '') ?? fates.get('*');
  const store = openStore({ kubelet, clock, fateOf });

  /** Of the tokens that the kubelet projects: good as long as their pod is there. */
  const reviewToken = (body: string): ApiResponse => {
    if (!reviewsTokens) {
      const what = 'resource "tokenreviews" in API group "authentication.k8s.io" at the cluster scope';
      return refusal(
        403,
        `tokenreviews.authentication.k8s.io is forbidden: User "berth" cannot create ${what}`,
        'Forbidden',
      );
    }
    const { token = '', audiences } = (JSON.parse(body) as { spec: { token: string; audiences: string[] } }).spec;
    const [, pod = '', , ...rest] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    const known = rest.length === 0 && store.of('pods').has(pod);
    const extra = { 'authentication.kubernetes.io/pod-name': [pod] };
    const user = { username: `system:serviceaccount:${namespace}:default`, extra };
    return {
      status: 201,
      body: { status: known ? { authenticated: true, audiences, user } : { authenticated: false } },
    };
  };

  let isStarting = false;
  /** No request but those that the role in infra/kubernetes/berth.yaml allows. */
  const forbidden = ({ method, resource, name }: ApiRequest): ApiResponse | undefined => {
    const missing = verbsFor(method, name).find((verb) => isStarting || !allowed.has(`${verb} ${resource}`));
    if (missing === undefined) return undefined;
    const what = name === undefined ? resource : `${resource} "${name}"`;
    const group = resource === 'networkpolicies' ? 'networking.k8s.io' : '';
    const message = `User "berth" cannot ${missing} resource "${resource}" in API group "${group}" in the namespace "${namespace}"`;
    return refusal(403, `${what} is forbidden: ${message}`, 'Forbidden');
  };

  const faultFor = (method: string, path: string): Fault | undefined => {
    const fault = faults.find(
      (one) => one.times > 0 && (one.method ?? method) === method && (one.path ?? /./).test(path),
    );
    if (fault !== undefined) fault.times--;
    return fault;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const parsed = await readRequest(request);
    const { authorization } = request.headers;
    requests.push({ method: parsed.method, path: request.url ?? '', body: parsed.body, authorization });
    const fault = faultFor(parsed.method, request.url ?? '');
    if (fault?.silent) return;
    const broken = fault && {
      ...refusal(fault.status ?? 500, fault.message ?? 'injected'),
      headers: { 'retry-after': fault.retryAfter ?? '' },
    };
    const stranger = token !== undefined && authorization !== `Bearer ${token}`;
    const review = parsed.method === 'POST' && request.url?.endsWith('/tokenreviews');
    const asksRights = parsed.method === 'POST' && request.url?.endsWith('/selfsubjectaccessreviews');
    const ready = request.url === '/readyz' ? refusal(isStarting ? 500 : 200, 'readyz') : undefined;
    const denied = stranger
      ? refusal(401, 'Unauthorized')
      : parsed.namespace === namespace
        ? undefined
        : refusal(404, 'no such path');
    const { status, body, headers }: ApiResponse =
      broken ??
      ready ??
      (review && !stranger ? reviewToken(parsed.body) : undefined) ??
      (asksRights && !stranger ? { status: 201, body: { status: { allowed: reviewsTokens } } } : undefined) ??
      denied ??
      forbidden(parsed) ??
      store.answer(parsed);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

  let refused = false;
  const server = createServer((request, response) => void serve(request, response));
  // A reset instead of a refusal, so that the port stays this cluster's: a client is told of no answer in either case.
  server.on('connection', (socket) => {
    if (refused) socket.resetAndDestroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kubelet,
    hold: store.hold,
    unhold: store.unhold,
    bind: store.bind,
    requests,
    objects: <T extends KubernetesObject>(resource: Plural) => [...store.of(resource).values()] as T[],
    ordain: (workspaceId, fate) => void (fate === undefined ? fates.delete(workspaceId) : fates.set(workspaceId, fate)),
    fail: (fault) => void faults.push({ ...fault }),
    refuse: (now) => {
      refused = now;
      if (now) server.closeAllConnections();
    },
    starting: (now) => {
      isStarting = now;
    },
    report: (kind, name, reason, message) => {
      const event = { type: 'Warning', reason, message, involvedObject: { kind, name } };
      store.of('events').set(randomUUID(), event as KubernetesObject);
    },
    async evict(podName, message) {
      const pod = store.of('pods').get(podName) as V1Pod | undefined;
      if (pod === undefined) throw new Error(`no pod ${podName}`);
      pod.status = { ...pod.status, phase: 'Failed', reason: 'Evicted', message };
      await kubelet.end(pod, 'SIGKILL');
    },
    async close() {
      for (const pod of store.of('pods').values()) await kubelet.end(pod as V1Pod, 'SIGKILL');
      await store.settled();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
