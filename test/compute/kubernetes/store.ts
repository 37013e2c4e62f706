import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { KubernetesObject, V1DeleteOptions, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import type { Kubelet, PodOutcome } from './kubelet.ts';
import { type Plural, problemsOf, unreadable } from './strict.ts';

export interface ApiRequest {
  method: string;
  resource: string;
  name: string | undefined;
  query: URLSearchParams;
  body: string;
}

export type ApiResponse = { status: number; body: object; headers?: Record<string, string> };

export const refusal = (code: number, message: string, reason = 'Invalid'): ApiResponse => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code },
});
const found = (body: object): ApiResponse => ({ status: 200, body });

const units = { Ki: 1, Mi: 2, Gi: 3, Ti: 4 } as const;
const bytesOf = (size: string) => Number(size.slice(0, -2)) * 1024 ** units[size.slice(-2) as keyof typeof units];
/** The server writes a size with the largest unit that keeps it whole. */
const canonical = (size: string): string => {
  const bytes = bytesOf(size);
  const unit = (['Ti', 'Gi', 'Mi', 'Ki'] as const).find((one) => bytes % 1024 ** units[one] === 0) ?? 'Ki';
  return `${bytes / 1024 ** units[unit]}${unit}`;
};

const withLabels = (selector: string | null) => {
  const wanted = (selector ?? '')
    .split(',')
    .filter(Boolean)
    .map((part) => part.split('='));
  return ({ metadata }: KubernetesObject) => wanted.every(([key = '', value]) => metadata?.labels?.[key] === value);
};

/** Fewer than the client's limit, which a server may return, so that tests cover paging. */
const pageLimit = 2;

/** The double's storage classes. A claim of any other class is never bound. */
const storageClasses: Record<string, { grows: boolean }> = {
  standard: { grows: true },
  fast: { grows: true },
  fixed: { grows: false },
};

interface StoreOptions {
  kubelet: Kubelet;
  clock: () => Date;
  outcomeOf: (pod: KubernetesObject) => PodOutcome | undefined;
}

export interface Store {
  of(resource: string): Map<string, KubernetesObject>;
  /** The API server's response to a request that is authenticated and authorized. */
  handle(request: ApiRequest): ApiResponse;
  /** Adds a finalizer to an object, as another controller would. */
  addFinalizer(resource: Plural, name: string, finalizer: string): void;
  removeFinalizers(resource: Plural, name: string): void;
  /** Binds a claim to a new volume. */
  bind(claim: string): void;
  /** Resolves when every pod whose deletion was requested has ended. */
  settled(): Promise<void>;
}

/** The objects of a cluster, with the behavior of its API server and controllers. */
export const openStore = ({ kubelet, clock, outcomeOf }: StoreOptions): Store => {
  const stores = new Map<string, Map<string, KubernetesObject>>();
  const ending = new Set<Promise<void>>();
  const podAsApplied = new WeakMap<KubernetesObject, unknown>();
  const annotated = new WeakMap<KubernetesObject, Record<string, string>>();
  let version = 0;
  const storeOf = (resource: string): Map<string, KubernetesObject> => {
    const store = stores.get(resource) ?? new Map<string, KubernetesObject>();
    stores.set(resource, store);
    return store;
  };
  const instant = (offsetMs = 0) => new Date(clock().getTime() + offsetMs).toISOString() as unknown as Date;

  const deleteObject = (resource: string, name: string) => {
    // Only `removeFinalizers` lets an object with a finalizer be deleted.
    if ((storeOf(resource).get(name)?.metadata?.finalizers ?? []).length > 0) return;
    storeOf(resource).delete(name);
    if (resource === 'persistentvolumeclaims') rmSync(kubelet.volumeDir(name), { recursive: true, force: true });
    if (resource === 'pods')
      for (const claim of storeOf('persistentvolumeclaims').values())
        if (claim.metadata?.deletionTimestamp) deleteUnusedClaim(claim);
  };
  /** A claim is deleted only when no pod uses it any more. */
  const deleteUnusedClaim = (claim: KubernetesObject) => {
    const name = claim.metadata?.name ?? '';
    const used = [...storeOf('pods').values()].some((pod) =>
      (pod as V1Pod).spec?.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === name),
    );
    if (!used) deleteObject('persistentvolumeclaims', name);
  };

  /** The scheduler's message about a pod with an unbound claim. */
  const unboundOutcome = ({ spec }: V1Pod): PodOutcome | undefined => {
    const claims = storeOf('persistentvolumeclaims') as Map<string, V1PersistentVolumeClaim>;
    const unbound = (spec?.volumes ?? []).some(
      ({ persistentVolumeClaim: of }) => of !== undefined && claims.get(of.claimName)?.status?.phase !== 'Bound',
    );
    const message = '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.';
    return unbound ? { kind: 'unschedulable', message } : undefined;
  };

  const create = (resource: Plural, body: KubernetesObject): KubernetesObject => {
    const metadata = {
      ...body.metadata,
      uid: randomUUID(),
      creationTimestamp: instant(),
      resourceVersion: String(++version),
    };
    const object: KubernetesObject & { spec?: object } = { ...body, metadata };
    storeOf(resource).set(metadata.name ?? '', object);
    if (resource === 'persistentvolumeclaims') {
      const { spec } = object as V1PersistentVolumeClaim;
      const storage = canonical(spec?.resources?.requests?.['storage'] ?? '1Gi');
      const storageClassName = spec?.storageClassName ?? 'standard';
      const bound = storageClassName in storageClasses;
      const volumeName = bound ? { volumeName: `pvc-${metadata.uid}` } : {};
      object.spec = { ...spec, storageClassName, ...volumeName, resources: { requests: { storage } } };
      Object.assign(object, { status: { phase: bound ? 'Bound' : 'Pending' } });
    }
    if (resource === 'pods') {
      const pod = object as V1Pod;
      pod.status = { phase: 'Pending' };
      kubelet.run(pod, outcomeOf(object) ?? unboundOutcome(pod));
    }
    return object;
  };

  /** Refuses changes of immutable fields. */
  const immutableFieldProblem = (
    resource: Plural,
    before: KubernetesObject,
    body: KubernetesObject,
  ): ApiResponse | undefined => {
    const [old, now] = [before, body].map((object) => (object as { spec?: object }).spec);
    if (resource === 'pods' && JSON.stringify(podAsApplied.get(before)) !== JSON.stringify(now)) {
      return refusal(
        422,
        `Pod "${before.metadata?.name}" is invalid: spec: Forbidden: pod updates may not change fields other than \`spec.containers[*].image\``,
      );
    }
    if (resource !== 'persistentvolumeclaims') return undefined;
    const [had, wants] = [old, now] as V1PersistentVolumeClaim['spec'][];
    const [size = 0, requested = 0] = [had, wants].map((spec) =>
      bytesOf(spec?.resources?.requests?.['storage'] ?? '0Ki'),
    );
    const bound = (before as V1PersistentVolumeClaim).status?.phase === 'Bound';
    const { grows = false } = storageClasses[had?.storageClassName ?? ''] ?? {};
    const forbidden = `persistentvolumeclaims "${before.metadata?.name}" is forbidden: `;
    // Admission comes before validation.
    if (requested > size && !bound)
      return refusal(403, `${forbidden}Only bound persistent volume claims can be expanded`, 'Forbidden');
    if (requested > size && !grows)
      return refusal(
        403,
        `${forbidden}only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize`,
        'Forbidden',
      );
    const invalid = `PersistentVolumeClaim "${before.metadata?.name}" is invalid: `;
    if (wants?.storageClassName !== undefined && wants.storageClassName !== had?.storageClassName) {
      return refusal(
        422,
        `${invalid}spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims`,
      );
    }
    return requested < size
      ? refusal(422, `${invalid}spec.resources.requests.storage: Forbidden: field can not be less than status.capacity`)
      : undefined;
  };

  /** A merge patch of annotations. Its fields belong to another manager than server-side apply, which leaves them. */
  const annotate = (resource: Plural, { name = '', body }: ApiRequest): ApiResponse => {
    const before = storeOf(resource).get(name);
    if (before?.metadata === undefined) return refusal(404, `${resource} "${name}" not found`, 'NotFound');
    const { annotations } = (JSON.parse(body) as { metadata: { annotations: Record<string, string | null> } }).metadata;
    const merged = Object.entries({ ...annotated.get(before), ...annotations }).filter(([, value]) => value !== null);
    annotated.set(before, Object.fromEntries(merged) as Record<string, string>);
    const rest = Object.entries(before.metadata.annotations ?? {}).filter(([key]) => !(key in annotations));
    before.metadata.annotations = { ...Object.fromEntries(rest), ...annotated.get(before) };
    before.metadata.resourceVersion = String(++version);
    return found(before);
  };

  const apply = (resource: Plural, { name = '', query, body }: ApiRequest): ApiResponse => {
    const object = JSON.parse(body) as KubernetesObject & { spec?: object };
    if (query.get('fieldManager') !== 'berth' || object.metadata?.name !== name) return refusal(400, 'not an apply');
    const malformed = unreadable(resource, object);
    if (malformed !== undefined) return refusal(500, malformed, 'InternalError');
    const problems = problemsOf(resource, object);
    if (problems.length > 0) return refusal(422, `${object.kind} "${name}" is invalid: ${problems.join('; ')}`);
    const before = storeOf(resource).get(name);
    const { resourceVersion } = object.metadata;
    if (before === undefined) {
      if (resourceVersion !== undefined) return refusal(409, 'object not found', 'Conflict');
      const made = create(resource, structuredClone(object));
      podAsApplied.set(made, object.spec);
      return { status: 201, body: made };
    }
    if (resourceVersion !== undefined && resourceVersion !== before.metadata?.resourceVersion) {
      return refusal(409, 'the object has been modified', 'Conflict');
    }
    const forbidden = immutableFieldProblem(resource, before, object);
    if (forbidden !== undefined) return forbidden;
    Object.assign(before.metadata ?? {}, {
      labels: object.metadata.labels,
      annotations: { ...object.metadata.annotations, ...annotated.get(before) },
    });
    if (resource !== 'pods') Object.assign(before, { spec: { ...(before as { spec?: object }).spec, ...object.spec } });
    if (before.metadata) before.metadata.resourceVersion = String(++version);
    return found(before);
  };

  const list = (resource: string, query: URLSearchParams): ApiResponse => {
    const fields = (query.get('fieldSelector') ?? '')
      .split(',')
      .filter(Boolean)
      .map((part) => part.split('='));
    const fits = (object: KubernetesObject & { involvedObject?: Record<string, string> }) =>
      withLabels(query.get('labelSelector'))(object) &&
      fields.every(([key = '', value]) => object.involvedObject?.[key.replace('involvedObject.', '')] === value);
    const all = [...storeOf(resource).values()].filter(fits);
    const from = Number(query.get('continue') ?? 0);
    const to = from + Math.min(Number(query.get('limit') ?? 1_000), pageLimit);
    return found({ metadata: to < all.length ? { continue: String(to) } : {}, items: all.slice(from, to) });
  };

  const endPod = async (pod: V1Pod, signal: NodeJS.Signals) => {
    await kubelet.end(pod, signal);
    deleteObject('pods', pod.metadata?.name ?? '');
  };
  const remove = (resource: string, object: KubernetesObject, graceSeconds: number | undefined): void => {
    const { metadata } = object;
    if (metadata === undefined) return;
    const usual = (object as V1Pod).spec?.terminationGracePeriodSeconds ?? 30;
    const grace = resource === 'pods' ? (graceSeconds ?? usual) : 0;
    const requested = metadata.deletionTimestamp
      ? Date.parse(metadata.deletionTimestamp as unknown as string) - (metadata.deletionGracePeriodSeconds ?? 0) * 1_000
      : clock().getTime();
    metadata.deletionGracePeriodSeconds = Math.min(grace, metadata.deletionGracePeriodSeconds ?? grace);
    metadata.deletionTimestamp = new Date(
      requested + metadata.deletionGracePeriodSeconds * 1_000,
    ).toISOString() as unknown as Date;
    metadata.resourceVersion = String(++version);
    if (resource === 'networkpolicies') {
      deleteObject(resource, metadata.name ?? '');
      return;
    }
    if (resource === 'persistentvolumeclaims') {
      deleteUnusedClaim(object);
      return;
    }
    const isLost = outcomeOf(object)?.kind === 'stuck' && grace > 0;
    if (!isLost) ending.add(endPod(object as V1Pod, grace === 0 ? 'SIGKILL' : 'SIGTERM'));
  };

  const handle = (request: ApiRequest): ApiResponse => {
    const { method, resource, name, query, body } = request;
    if (method === 'PATCH') {
      return query.has('fieldManager') ? apply(resource as Plural, request) : annotate(resource as Plural, request);
    }
    const options = (body === '' ? {} : JSON.parse(body)) as V1DeleteOptions;
    const graceSeconds = options.gracePeriodSeconds;
    if (name === undefined && method === 'DELETE') {
      const chosen = [...storeOf(resource).values()].filter(withLabels(query.get('labelSelector')));
      for (const object of chosen) remove(resource, object, graceSeconds);
      return found({ items: chosen });
    }
    if (name === undefined) return list(resource, query);
    const object = storeOf(resource).get(name);
    if (object === undefined) return refusal(404, `${resource} "${name}" not found`, 'NotFound');
    const { uid, resourceVersion } = options.preconditions ?? {};
    if (
      (uid ?? object.metadata?.uid) !== object.metadata?.uid ||
      (resourceVersion ?? object.metadata?.resourceVersion) !== object.metadata?.resourceVersion
    ) {
      return refusal(409, 'Precondition failed: ResourceVersion in precondition', 'Conflict');
    }
    if (method === 'DELETE') remove(resource, object, graceSeconds);
    return found(object);
  };

  return {
    of: storeOf,
    handle,
    addFinalizer(resource, name, finalizer) {
      const { metadata } = storeOf(resource).get(name) ?? {};
      if (metadata === undefined) throw new Error(`no ${resource} ${name}`);
      metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
    },
    removeFinalizers(resource, name) {
      const object = storeOf(resource).get(name);
      if (object?.metadata === undefined) throw new Error(`no ${resource} ${name}`);
      delete object.metadata.finalizers;
      // A pod with processes is deleted when they have ended.
      if (object.metadata.deletionTimestamp && kubelet.processes(name).length === 0) deleteObject(resource, name);
    },
    bind(name) {
      const claim = storeOf('persistentvolumeclaims').get(name) as V1PersistentVolumeClaim | undefined;
      if (claim?.metadata === undefined) throw new Error(`no claim ${name}`);
      claim.metadata.resourceVersion = String(++version);
      claim.spec = { ...claim.spec, volumeName: `pvc-${claim.metadata.uid}` };
      claim.status = { phase: 'Bound' };
    },
    async settled() {
      await Promise.all(ending);
    },
  };
};
