import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { KubernetesObject, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import type { Fate, Kubelet } from './kubernetes-kubelet.ts';
import { type Plural, problemsOf } from './kubernetes-strict.ts';

export interface Question {
  method: string;
  resource: string;
  name: string | undefined;
  query: URLSearchParams;
  body: string;
}

export type Answer = { status: number; body: object; headers?: Record<string, string> };

export const refusal = (code: number, message: string, reason = 'Invalid'): Answer => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code },
});
const found = (body: object): Answer => ({ status: 200, body });

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

/** Fewer than a client asks for, as a server may: so that pages are met. */
const pageLimit = 2;

export interface StoreOptions {
  kubelet: Kubelet;
  clock: () => Date;
  fateOf: (pod: KubernetesObject) => Fate | undefined;
}

export interface Store {
  of(resource: string): Map<string, KubernetesObject>;
  /** As the API server answers, once it has let the question in. */
  answer(question: Question): Answer;
  /** When every pod that was asked to end has. */
  settled(): Promise<void>;
}

/** The objects of a cluster, and what its API server and controllers do with them. */
export const openStore = ({ kubelet, clock, fateOf }: StoreOptions): Store => {
  const stores = new Map<string, Map<string, KubernetesObject>>();
  const ending = new Set<Promise<void>>();
  const podAsApplied = new WeakMap<KubernetesObject, unknown>();
  let version = 0;
  const storeOf = (resource: string): Map<string, KubernetesObject> => {
    const store = stores.get(resource) ?? new Map<string, KubernetesObject>();
    stores.set(resource, store);
    return store;
  };
  const instant = (offsetMs = 0) => new Date(clock().getTime() + offsetMs).toISOString() as unknown as Date;

  const forget = (resource: string, name: string) => {
    storeOf(resource).delete(name);
    if (resource === 'persistentvolumeclaims') rmSync(kubelet.volumeDir(name), { recursive: true, force: true });
    if (resource === 'pods')
      for (const claim of storeOf('persistentvolumeclaims').values())
        if (claim.metadata?.deletionTimestamp) release(claim);
  };
  /** A claim outlives its deletion for as long as a pod uses it. */
  const release = (claim: KubernetesObject) => {
    const name = claim.metadata?.name ?? '';
    const used = [...storeOf('pods').values()].some((pod) =>
      (pod as V1Pod).spec?.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === name),
    );
    if (!used) forget('persistentvolumeclaims', name);
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
      object.spec = { storageClassName: 'standard', ...spec, resources: { requests: { storage } } };
    }
    if (resource === 'pods') {
      const pod = object as V1Pod;
      pod.status = { phase: 'Pending' };
      kubelet.run(pod, fateOf(object));
    }
    return object;
  };

  /** What the server lets nobody change. */
  const unchangeable = (resource: Plural, before: KubernetesObject, body: KubernetesObject): string | undefined => {
    const [old, now] = [before, body].map((object) => (object as { spec?: object }).spec);
    if (resource === 'pods' && JSON.stringify(podAsApplied.get(before)) !== JSON.stringify(now)) {
      return 'Pod is invalid: spec: Forbidden: pod updates may not change fields';
    }
    if (resource !== 'persistentvolumeclaims') return undefined;
    const [had, wants] = [old, now] as V1PersistentVolumeClaim['spec'][];
    if (wants?.storageClassName !== had?.storageClassName) return 'spec: Forbidden: spec is immutable after creation';
    const [size, asked] = [had, wants].map((spec) => bytesOf(spec?.resources?.requests?.['storage'] ?? '0Ki'));
    return (asked ?? 0) < (size ?? 0)
      ? 'spec.resources.requests.storage: Forbidden: field can not be less than previous value'
      : undefined;
  };

  const apply = (resource: Plural, { name = '', query, body }: Question): Answer => {
    const object = JSON.parse(body) as KubernetesObject & { spec?: object };
    if (query.get('fieldManager') !== 'berth' || object.metadata?.name !== name) return refusal(400, 'not an apply');
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
    const forbidden = unchangeable(resource, before, object);
    if (forbidden !== undefined) return refusal(422, forbidden);
    Object.assign(before.metadata ?? {}, { labels: object.metadata.labels, annotations: object.metadata.annotations });
    if (resource !== 'pods') Object.assign(before, { spec: object.spec });
    if (before.metadata) before.metadata.resourceVersion = String(++version);
    return found(before);
  };

  const list = (resource: string, query: URLSearchParams): Answer => {
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
    forget('pods', pod.metadata?.name ?? '');
  };
  const remove = (resource: string, object: KubernetesObject, graceSeconds: number | undefined): void => {
    const { metadata } = object;
    if (metadata === undefined) return;
    if (resource === 'networkpolicies') {
      forget(resource, metadata.name ?? '');
      return;
    }
    const grace = graceSeconds ?? (object as V1Pod).spec?.terminationGracePeriodSeconds ?? 30;
    metadata.deletionTimestamp ??= instant(resource === 'pods' ? grace * 1_000 : 0);
    if (resource !== 'pods') {
      release(object);
      return;
    }
    const isLost = fateOf(object)?.kind === 'stuck' && grace > 0;
    if (!isLost) ending.add(endPod(object as V1Pod, grace === 0 ? 'SIGKILL' : 'SIGTERM'));
  };

  const answer = (question: Question): Answer => {
    const { method, resource, name, query, body } = question;
    if (method === 'PATCH') return apply(resource as Plural, question);
    const graceSeconds =
      body === '' ? undefined : (JSON.parse(body) as { gracePeriodSeconds?: number }).gracePeriodSeconds;
    if (name === undefined && method === 'DELETE') {
      const chosen = [...storeOf(resource).values()].filter(withLabels(query.get('labelSelector')));
      for (const object of chosen) remove(resource, object, graceSeconds);
      return found({ items: chosen });
    }
    if (name === undefined) return list(resource, query);
    const object = storeOf(resource).get(name);
    if (object === undefined) return refusal(404, `${resource} "${name}" not found`, 'NotFound');
    if (method === 'DELETE') remove(resource, object, graceSeconds);
    return found(object);
  };

  return {
    of: storeOf,
    answer,
    async settled() {
      await Promise.all(ending);
    },
  };
};
