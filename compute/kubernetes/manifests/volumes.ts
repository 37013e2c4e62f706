import type { V1PersistentVolumeClaim, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { KubernetesKindSettings } from '../../../contracts/settings/kubernetes.ts';
import { byteSize } from '../../../contracts/values/byte-size.ts';
import type { Run } from '../../../core/ports/compute-kind.ts';
import type { KubernetesPodSpec, Volume } from '../spec/spec-fields.ts';
import { claimName, metadataOf } from './metadata.ts';

type Claimed = Pick<Volume, 'name' | 'size' | 'storageClass' | 'accessMode'>;

const claimedVolumes = ({ home, volumes }: KubernetesPodSpec): Claimed[] => [
  ...(home.persistent ? [{ ...home, name: 'home' }] : []),
  ...volumes,
];

/** The names of the claims whose volumes outlive a stop. */
export const claimNames = (workspaceId: string, spec: KubernetesPodSpec): string[] =>
  claimedVolumes(spec).map(({ name }) => claimName(workspaceId, name));

/** The API server normalizes sizes: 1024Mi to 1Gi, 1048576Mi to 1Ti, which templates do not accept. */
const bytes = (size: string): number => (size.endsWith('Ti') ? Number(size.slice(0, -2)) * 1024 ** 4 : byteSize(size));

/**
 * A claim that was never bound to a volume has no data, so it can be deleted and created again, for example after a
 * mistyped storage class. In any other or unknown phase the claim is kept.
 */
export const isUnbound = ({ spec, status }: V1PersistentVolumeClaim): boolean =>
  status?.phase === 'Pending' && !spec?.volumeName;

/**
 * Keeps size and class of an existing claim if the template shrinks or changes them: the cluster would refuse, and the
 * workspace could not start.
 */
const claimManifest = (
  run: Omit<Run<KubernetesPodSpec>, 'agent'>,
  settings: KubernetesKindSettings,
  { name, size, storageClass, accessMode }: Claimed,
  existing: V1PersistentVolumeClaim | undefined,
): V1PersistentVolumeClaim => {
  const currentSize = existing?.spec?.resources?.requests?.['storage'];
  const storageClassName =
    existing === undefined ? (storageClass ?? settings.storageClass) : existing.spec?.storageClassName;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadataOf(run, settings, claimName(run.workspace.id, name), run.spec.pod.metadata),
    spec: {
      accessModes: existing?.spec?.accessModes ?? [accessMode],
      resources: {
        requests: { storage: currentSize !== undefined && bytes(currentSize) > bytes(size) ? currentSize : size },
      },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  };
};

export interface WantedClaim {
  /** Its name in the template. */
  volume: string;
  claim: V1PersistentVolumeClaim;
  existing: V1PersistentVolumeClaim | undefined;
}

/** The claims of a workspace's volumes, based on the existing ones. */
export const claimManifests = (
  run: Omit<Run<KubernetesPodSpec>, 'agent'>,
  settings: KubernetesKindSettings,
  existing: readonly V1PersistentVolumeClaim[],
): WantedClaim[] =>
  claimedVolumes(run.spec).map((volume) => {
    const name = claimName(run.workspace.id, volume.name);
    const found = existing.find(({ metadata }) => metadata?.name === name);
    return { volume: volume.name, claim: claimManifest(run, settings, volume, found), existing: found };
  });

const sizeOf = ({ spec }: V1PersistentVolumeClaim): string => spec?.resources?.requests?.['storage'] ?? '0Gi';

/** The same claim at its current size; `undefined` if it was not going to grow. */
export const withoutGrowth = ({ claim, existing }: WantedClaim): V1PersistentVolumeClaim | undefined => {
  if (existing === undefined || bytes(sizeOf(claim)) <= bytes(sizeOf(existing))) return undefined;
  return { ...claim, spec: { ...claim.spec, resources: { requests: { storage: sizeOf(existing) } } } };
};

/** The notice to the owner of a volume that cannot grow. */
export const growthNotice = ({ volume, claim, existing }: WantedClaim, why: string): string => {
  const sizes = `The volume ${volume} stays at ${existing === undefined ? '' : sizeOf(existing)} instead of ${sizeOf(claim)}`;
  return /must support resize/.test(why)
    ? `${sizes}, because its storage class does not allow expansion. Ask your administrator to set allowVolumeExpansion.`
    : `${sizes}: ${why}`;
};

/** The volumes in the pod spec. */
export const podVolumes = (workspaceId: string, spec: KubernetesPodSpec): V1Volume[] => [
  ...(spec.home.persistent ? [] : [{ name: 'home', emptyDir: { sizeLimit: spec.home.size } }]),
  ...claimedVolumes(spec).map(({ name }) => ({
    name,
    persistentVolumeClaim: { claimName: claimName(workspaceId, name) },
  })),
];

/** Their mounts in the workspace's container. */
export const workspaceMounts = ({ home, volumes }: KubernetesPodSpec): V1VolumeMount[] => [
  { name: 'home', mountPath: home.mountPath },
  ...volumes.flatMap(({ name, mountPath }) => (mountPath === undefined ? [] : [{ name, mountPath }])),
];
