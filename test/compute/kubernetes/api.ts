import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { KubernetesObject, V1Pod } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { type Kubelet, type KubeletOptions, type PodOutcome, startKubelet } from './kubelet.ts';
import { type ApiRequest, type ApiResponse, openStore, refusal, type Store } from './store.ts';
import type { Plural } from './strict.ts';

/**
 * A double of a cluster: the API server's server-side apply, get, list by label with pages, delete with a grace period
 * and events, with faults on demand; and a node that runs the real agent as a process for each pod.
 */
export interface ClusterDouble extends Pick<Store, 'addFinalizer' | 'removeFinalizers' | 'bind'> {
  url: string;
  kubelet: Kubelet;
  /** In the order in which they arrived. */
  requests: { method: string; path: string; body: string; authorization: string | undefined }[];
  objects<T extends KubernetesObject>(resource: Plural): T[];
  /**
   * Sets the outcome of the pods of a workspace (`*` for any) that are created from now on; `undefined` lets them run.
   */
  setOutcome(workspaceId: string, outcome: PodOutcome | undefined): void;
  /** Lets the next requests that match fail: with a status, or without a response. */
  failRequests(fault: Fault): void;
  /** Whether to refuse connections, as while an API server restarts. */
  refuseConnections(refused: boolean): void;
  /**
   * Whether the API server has just started: it has not read its roles yet, so it refuses every request and is not
   * ready.
   */
  setStarting(now: boolean): void;
  reportEvent(kind: string, name: string, reason: string, message: string): void;
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
  /** No response, as from a server that hangs. */
  silent?: true;
}

export interface ClusterOptions extends Pick<KubeletOptions, 'agentFile' | 'clock'> {
  token?: string;
  namespace?: string;
  /** Whether infra/kubernetes/local.yaml is applied, too; by default it is. */
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

/** A server-side apply needs both permissions, because it may create the object. */
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

/** Starts a cluster with its own folder for volumes. */
export const startCluster = async (options: ClusterOptions): Promise<ClusterDouble> => {
  const { clock, token, namespace = 'berth', reviewsTokens = true } = options;
  const dir = temporaryFolder();
  const kubelet = startKubelet({ ...options, dir });
  const outcomes = new Map<string, PodOutcome>();
  const faults: Fault[] = [];
  const requests: ClusterDouble['requests'] = [];
  const outcomeOf = ({ metadata }: KubernetesObject) =>
    outcomes.get(metadata?.labels?.['berth.dev/workspace'] ?? '') ?? outcomes.get('*');
  const store = openStore({ kubelet, clock, outcomeOf });

  /** Reviews a token that the kubelet projected: valid as long as its pod exists. */
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
  /** Refuses requests that the role in infra/kubernetes/berth.yaml does not allow. */
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
    const isUnauthenticated = token !== undefined && authorization !== `Bearer ${token}`;
    const isTokenReview = parsed.method === 'POST' && request.url?.endsWith('/tokenreviews');
    const isAccessReview = parsed.method === 'POST' && request.url?.endsWith('/selfsubjectaccessreviews');
    const ready = request.url === '/readyz' ? refusal(isStarting ? 500 : 200, 'readyz') : undefined;
    const denied = isUnauthenticated
      ? refusal(401, 'Unauthorized')
      : parsed.namespace === namespace
        ? undefined
        : refusal(404, 'no such path');
    const { status, body, headers }: ApiResponse =
      broken ??
      ready ??
      (isTokenReview && !isUnauthenticated ? reviewToken(parsed.body) : undefined) ??
      (isAccessReview && !isUnauthenticated
        ? { status: 201, body: { status: { allowed: reviewsTokens } } }
        : undefined) ??
      denied ??
      forbidden(parsed) ??
      store.handle(parsed);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

  let refused = false;
  const server = createServer((request, response) => void serve(request, response));
  // Connections are reset instead of refused, so that no other process gets the port. The client gets no response
  // either way.
  server.on('connection', (socket) => {
    if (refused) socket.resetAndDestroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kubelet,
    addFinalizer: store.addFinalizer,
    removeFinalizers: store.removeFinalizers,
    bind: store.bind,
    requests,
    objects: <T extends KubernetesObject>(resource: Plural) => [...store.of(resource).values()] as T[],
    setOutcome: (workspaceId, outcome) =>
      void (outcome === undefined ? outcomes.delete(workspaceId) : outcomes.set(workspaceId, outcome)),
    failRequests: (fault) => void faults.push({ ...fault }),
    refuseConnections: (now) => {
      refused = now;
      if (now) server.closeAllConnections();
    },
    setStarting: (now) => {
      isStarting = now;
    },
    reportEvent: (kind, name, reason, message) => {
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
