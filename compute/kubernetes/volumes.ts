import type { V1PersistentVolumeClaim, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { KubernetesKindSettings } from '../../contracts/kubernetes-settings.ts';
import { byteSize } from '../../contracts/template.ts';
import type { Run } from '../kind.ts';
import { claimName, metadataOf } from './names.ts';
import type { KubernetesPodSpec, Volume } from './spec.ts';

type Claimed = Pick<Volume, 'name' | 'size' | 'storageClass' | 'accessMode'>;

const claimedVolumes = ({ home, volumes }: KubernetesPodSpec): Claimed[] => [
  ...(home.persistent ? [{ ...home, name: 'home' }] : []),
  ...volumes,
];

/** The volumes that outlive a stop, by the names of their claims. */
export const claimNames = (workspaceId: string, spec: KubernetesPodSpec): string[] =>
  claimedVolumes(spec).map(({ name }) => claimName(workspaceId, name));

/** The API server writes sizes in its own way: of 1024Mi it makes 1Gi, of 1048576Mi 1Ti. */
const bytes = (size: string): number => (size.endsWith('Ti') ? Number(size.slice(0, -2)) * 1024 ** 4 : byteSize(size));

/** A claim neither shrinks nor changes its class: both would be refused, and lock the owner out. */
const claimOf = (
  run: Omit<Run<KubernetesPodSpec>, 'agent'>,
  settings: KubernetesKindSettings,
  { name, size, storageClass, accessMode }: Claimed,
  existing: V1PersistentVolumeClaim | undefined,
): V1PersistentVolumeClaim => {
  const had = existing?.spec?.resources?.requests?.['storage'];
  const storageClassName =
    existing === undefined ? (storageClass ?? settings.storageClass) : existing.spec?.storageClassName;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadataOf(run, settings, claimName(run.workspace.id, name), run.spec.pod.metadata),
    spec: {
      accessModes: existing?.spec?.accessModes ?? [accessMode],
      resources: { requests: { storage: had !== undefined && bytes(had) > bytes(size) ? had : size } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  };
};

/** The claims of a workspace's volumes, on top of those it has. */
export const claimsOf = (
  run: Omit<Run<KubernetesPodSpec>, 'agent'>,
  settings: KubernetesKindSettings,
  existing: readonly V1PersistentVolumeClaim[],
): V1PersistentVolumeClaim[] =>
  claimedVolumes(run.spec).map((volume) => {
    const name = claimName(run.workspace.id, volume.name);
    return claimOf(
      run,
      settings,
      volume,
      existing.find(({ metadata }) => metadata?.name === name),
    );
  });

/** The same volumes as the pod names them. */
export const podVolumes = (workspaceId: string, spec: KubernetesPodSpec): V1Volume[] => [
  ...(spec.home.persistent ? [] : [{ name: 'home', emptyDir: { sizeLimit: spec.home.size } }]),
  ...claimedVolumes(spec).map(({ name }) => ({
    name,
    persistentVolumeClaim: { claimName: claimName(workspaceId, name) },
  })),
];

/** Where the workspace's container has them. */
export const workspaceMounts = ({ home, volumes }: KubernetesPodSpec): V1VolumeMount[] => [
  { name: 'home', mountPath: home.mountPath },
  ...volumes.flatMap(({ name, mountPath }) => (mountPath === undefined ? [] : [{ name, mountPath }])),
];
