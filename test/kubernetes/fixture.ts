import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject, V1Pod } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { type KubernetesApi, kubernetesClient } from '../../compute/kubernetes/api/client.ts';
import { kubernetesPodKind } from '../../compute/kubernetes/kubernetes.ts';
import type { KubernetesPodSpec } from '../../compute/kubernetes/spec/spec-fields.ts';
import type { KubernetesKindSettings } from '../../contracts/settings/kubernetes.ts';
import type { ComputeFixture } from '../compute/contract.ts';
import { badSpec, plainSpec, testSettings } from '../compute/kubernetes/fixture.ts';
import { agentBundle } from '../support/processes/agent-bundle.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { type Node, provisioner, registerNode, startNode } from './node.ts';
import { type Requests, requestsTo } from './requests.ts';

const core = '/api/v1';
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const storage = '/apis/storage.k8s.io/v1/storageclasses';

export interface RealCluster {
  plane: ControlPlane;
  admin: Requests;
  close(): Promise<void>;
}

const storageClass = (name: string, more: object) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  ...more,
});

/** A control plane with a node and the double's storage classes. */
export const startRealCluster = async (): Promise<RealCluster> => {
  const plane = await startControlPlane();
  try {
    const admin = requestsTo(plane.admin);
    await registerNode(admin);
    const isDefault = { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } };
    await admin.create(
      storage,
      storageClass('standard', { allowVolumeExpansion: true, metadata: { name: 'standard', ...isDefault } }),
    );
    await admin.create(storage, storageClass('fast', { allowVolumeExpansion: true, volumeBindingMode: 'Immediate' }));
    await admin.create(storage, storageClass('fixed', { allowVolumeExpansion: false }));
    for (const manifest of manifestsOf('local.yaml')) {
      await admin.create(`${rbac}/${(manifest.kind ?? '').toLowerCase()}s`, manifest);
    }
    return { plane, admin, close: plane.close };
  } catch (error) {
    await plane.close();
    throw error;
  }
};

interface Manifest extends KubernetesObject {
  subjects?: { namespace?: string }[];
}
const collectionPaths: Record<string, (namespace: string) => string> = {
  Namespace: () => `${core}/namespaces`,
  Role: (namespace) => `${rbac}/namespaces/${namespace}/roles`,
  RoleBinding: (namespace) => `${rbac}/namespaces/${namespace}/rolebindings`,
  NetworkPolicy: (namespace) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
};

const manifestsOf = (name: string): Manifest[] => {
  const text = readFileSync(join(import.meta.dirname, '../../infra/kubernetes', name), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
};

/** Applies infra/kubernetes/berth.yaml to a namespace, without the parts for EKS. */
const applyManifests = async (admin: Requests, namespace: string): Promise<void> => {
  for (const manifest of manifestsOf('berth.yaml')) {
    const path = collectionPaths[manifest.kind ?? ''];
    const namespaced = JSON.parse(JSON.stringify(manifest).replaceAll('berth-workspaces', namespace)) as Manifest;
    if (path !== undefined) await admin.create(path(namespace), namespaced);
  }
  // The API server refuses pods until the controller manager has created the account.
  const account = `${core}/namespaces/${namespace}/serviceaccounts/default`;
  while (
    !(await admin.get(account).then(
      () => true,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 50));
};

export interface RealFixture extends ComputeFixture<KubernetesPodSpec> {
  namespace: string;
  admin: Requests;
  node: Node;
  api: KubernetesApi;
  /** Advances the clock of the kind. */
  advanceClock(ms: number): void;
  open(more?: Partial<KubernetesKindSettings>): ReturnType<typeof kubernetesPodKind>;
  objects<T extends KubernetesObject>(resource: keyof typeof groups): Promise<T[]>;
}
const groups = { pods: core, persistentvolumeclaims: core, networkpolicies: '/apis/networking.k8s.io/v1' };

let namespaces = 0;

/** The kind in its own namespace, with only the permissions of infra/kubernetes/berth.yaml. */
export const openRealFixture = async ({ plane, admin }: RealCluster): Promise<RealFixture> => {
  const namespace = `berth-${++namespaces}`;
  await applyManifests(admin, namespace);
  const node = startNode(admin, namespace, await agentBundle());
  let passed = 0;
  const clock = () => new Date(Date.now() + passed);
  const api = kubernetesClient({ ...plane.berth, namespace, pauseMs: 20 });
  const open = (more: Partial<KubernetesKindSettings> = {}) =>
    kubernetesPodKind({ api, settings: testSettings({ namespace, ...more }), clock });
  const objects = <T extends KubernetesObject>(resource: keyof typeof groups) =>
    admin.list<T>(`${groups[resource]}/namespaces/${namespace}/${resource}`);
  const home = (id: string) => node.kubelet.volumeDir(`${id}-home`);
  const mine = async (id: string, resource: keyof typeof groups) =>
    (await objects(resource)).filter(({ metadata }) => metadata?.name?.startsWith(id));
  return {
    namespace,
    admin,
    node,
    api,
    open,
    objects,
    kind: open(),
    reopen: open,
    advanceClock: (ms) => {
      passed += ms;
    },
    spec: plainSpec,
    badSpec,
    home: {
      async write(id, text) {
        mkdirSync(home(id), { recursive: true });
        writeFileSync(join(home(id), 'note.txt'), text);
      },
      read: async (id) => readFileSync(join(home(id), 'note.txt'), 'utf8'),
    },
    identity: async (id) =>
      ((await mine(id, 'pods')) as V1Pod[]).find(({ metadata }) => metadata?.deletionTimestamp === undefined)?.metadata
        ?.uid,
    leftovers: async (id) => {
      const resources = ['pods', 'persistentvolumeclaims', 'networkpolicies'] as const;
      const found = await Promise.all(
        resources.map(async (resource) =>
          (await mine(id, resource)).map(({ metadata }) => `${resource} ${metadata?.name}`),
        ),
      );
      const processes = [1, 2].flatMap((number) => node.kubelet.processes(`${id}-b${number}`));
      return [...found.flat(), ...processes.map((pid) => `process ${pid}`), ...[home(id)].filter(existsSync)];
    },
    close: () => node.close(),
  };
};
