import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import { type KubernetesApi, kubernetesClient } from '../../../compute/kubernetes/api/client.ts';
import type { KubernetesAccess } from '../../../compute/kubernetes/api/http.ts';
import { kubernetesPodKind } from '../../../compute/kubernetes/kubernetes.ts';
import type { KubernetesPodSpec } from '../../../compute/kubernetes/spec/spec-fields.ts';
import { KubernetesKindSettings } from '../../../contracts/settings/kubernetes.ts';
import { agentBundle } from '../../support/processes/agent-bundle.ts';
import type { ComputeFixture } from '../contract.ts';
import { type ClusterDouble, type ClusterOptions, startCluster } from './api.ts';

export const testSettings = (more: Partial<KubernetesKindSettings> = {}): KubernetesKindSettings => ({
  ...KubernetesKindSettings.parse({
    installation: 'test',
    namespace: 'berth',
    agent: { image: 'registry.example/berth-agent:1' },
    labels: { 'cost-centre': '4711' },
  }),
  ...more,
});

export const plainSpec = { pod: { spec: { containers: [{ name: 'dev', image: 'debian:13' }] } } };

/** An invalid spec, with its misspelled field. */
export const badSpec = {
  value: { pod: { spec: { containers: [{ name: 'dev', image: 'x', enviroment: [] }] } } },
  field: 'enviroment',
};

export const clusterToken = 'the-cluster-token';

export const accessTo = ({ url }: ClusterDouble): KubernetesAccess => ({
  endpoint: url,
  connect: async () => ({ headers: { authorization: `Bearer ${clusterToken}` } }),
});

export interface KubernetesFixture extends ComputeFixture<KubernetesPodSpec> {
  cluster: ClusterDouble;
  api: KubernetesApi;
  /** Advances the clock of cluster and kind. */
  advanceClock(ms: number): void;
  open(more?: Partial<KubernetesKindSettings>): ReturnType<typeof kubernetesPodKind>;
}

export const openKubernetesFixture = async ({
  requestTimeoutMs = 10_000,
  ...options
}: Partial<ClusterOptions> & { requestTimeoutMs?: number } = {}): Promise<KubernetesFixture> => {
  let passed = 0;
  const clock = () => new Date(Date.now() + passed);
  const cluster = await startCluster({
    agentFile: await agentBundle(),
    clock,
    token: clusterToken,
    ...options,
  });
  const api = kubernetesClient({ ...accessTo(cluster), namespace: 'berth', pauseMs: 5, timeoutMs: requestTimeoutMs });
  const open = (more: Partial<KubernetesKindSettings> = {}) =>
    kubernetesPodKind({ api, settings: testSettings(more), clock });
  const home = (id: string) => join(cluster.kubelet.volumeDir(`${id}-home`), 'note.txt');
  const pods = (id: string) =>
    cluster.objects<V1Pod>('pods').filter(({ metadata }) => metadata?.name?.startsWith(`${id}-b`));
  return {
    kind: open(),
    reopen: open,
    open,
    cluster,
    api,
    advanceClock: (ms) => {
      passed += ms;
    },
    spec: plainSpec,
    badSpec,
    home: {
      async write(id, text) {
        mkdirSync(cluster.kubelet.volumeDir(`${id}-home`), { recursive: true });
        writeFileSync(home(id), text);
      },
      read: async (id) => readFileSync(home(id), 'utf8'),
    },
    identity: async (id) => pods(id).find(({ metadata }) => metadata?.deletionTimestamp === undefined)?.metadata?.uid,
    leftovers: async (id) => [
      ...(['pods', 'persistentvolumeclaims', 'networkpolicies'] as const).flatMap((resource) =>
        cluster
          .objects(resource)
          .flatMap(({ metadata }) => (metadata?.name?.startsWith(id) ? [`${resource} ${metadata.name}`] : [])),
      ),
      ...[1, 2].flatMap((number) => cluster.kubelet.processes(`${id}-b${number}`)).map((pid) => `process ${pid}`),
      ...[cluster.kubelet.volumeDir(`${id}-home`)].filter(existsSync),
    ],
    close: cluster.close,
  };
};
