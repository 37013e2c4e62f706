import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { tokenAudience } from '../../compute/kubernetes/manifests/agent.ts';
import { type Kubelet, startKubelet } from '../compute/kubernetes/kubelet.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { RequestError, type Requests } from './requests.ts';

/** A node and a volume provisioner, both implemented by the tests. */
export interface Node {
  kubelet: Kubelet;
  close(): Promise<void>;
}

export const provisioner = 'volumes.berth.test';
const intervalMs = 50;

/** Registers a node that is larger than any test needs. Pods of every namespace may be scheduled to it. */
export const registerNode = async (admin: Requests): Promise<void> => {
  await admin.create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
  const capacity = { cpu: '64', memory: '256Gi', pods: '1000', 'ephemeral-storage': '1Ti' };
  const now = new Date().toISOString();
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  await admin.patch('/api/v1/nodes/node-1/status', {
    status: { capacity, allocatable: capacity, conditions: [ready] },
  });
  await admin.patch('/api/v1/nodes/node-1', { spec: { taints: [] } });
};

/** Runs the pods of one namespace as the double's node does, and provisions the volumes of its claims. */
export const startNode = (admin: Requests, namespace: string, agentFile: string): Node => {
  const dir = temporaryFolder();
  const tokens = new Map<string, string>();
  const kubelet = startKubelet({
    dir,
    agentFile,
    clock: () => new Date(),
    tokenOf: ({ metadata }) => tokens.get(metadata?.uid ?? '') ?? '',
  });
  const core = `/api/v1/namespaces/${namespace}`;
  const running = new Map<string, { pod: V1Pod; written: string; ending?: Promise<void> }>();
  let closed = false;

  /** Requests a token bound to the pod, as the kubelet does. It becomes invalid when the pod is deleted. */
  const projectToken = async ({ metadata, spec }: V1Pod): Promise<void> => {
    const account = spec?.serviceAccountName ?? 'default';
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: metadata?.name, uid: metadata?.uid };
    const { status } = await admin.create<{ status: { token: string } }>(`${core}/serviceaccounts/${account}/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [tokenAudience], expirationSeconds: 600, boundObjectRef },
    });
    tokens.set(metadata?.uid ?? '', status.token);
  };

  const endOf = async (pod: V1Pod): Promise<void> => {
    await kubelet.end(pod, 'SIGTERM');
    await admin
      .remove(`${core}/pods/${pod.metadata?.name}`, {
        gracePeriodSeconds: 0,
        preconditions: { uid: pod.metadata?.uid },
      })
      .catch(ignoreGone);
  };

  const reconcile = async (): Promise<void> => {
    const pods = await admin.list<V1Pod>(`${core}/pods`);
    for (const pod of pods) {
      const uid = pod.metadata?.uid ?? '';
      if (pod.spec?.nodeName !== 'node-1') continue;
      const known = running.get(uid);
      if (known === undefined && pod.metadata?.deletionTimestamp === undefined) {
        await projectToken(pod);
        kubelet.run(pod, undefined);
        running.set(uid, { pod, written: '' });
      }
      if (known !== undefined && pod.metadata?.deletionTimestamp !== undefined) known.ending ??= endOf(known.pod);
    }
    for (const [uid, one] of running) {
      // A force-deleted pod is deleted immediately; its processes are ended afterwards.
      if (!pods.some(({ metadata }) => metadata?.uid === uid)) one.ending ??= kubelet.end(one.pod, 'SIGTERM');
      const status = JSON.stringify(one.pod.status);
      if (status === one.written) continue;
      await admin
        .patch(`${core}/pods/${one.pod.metadata?.name}/status`, { status: one.pod.status ?? {} })
        .catch(ignoreGone);
      one.written = status;
    }
    await provision();
  };

  const provision = async (): Promise<void> => {
    for (const { metadata, spec, status } of await admin.list<V1PersistentVolumeClaim>(
      `${core}/persistentvolumeclaims`,
    )) {
      const isOurs = metadata?.annotations?.['volume.kubernetes.io/storage-provisioner'] === provisioner;
      if (!isOurs || status?.phase !== 'Pending' || spec?.volumeName) continue;
      const { name = '', uid = '' } = metadata ?? {};
      await admin
        .create('/api/v1/persistentvolumes', {
          apiVersion: 'v1',
          kind: 'PersistentVolume',
          metadata: { name: `pvc-${uid}`, annotations: { 'pv.kubernetes.io/provisioned-by': provisioner } },
          spec: {
            accessModes: spec?.accessModes,
            capacity: spec?.resources?.requests,
            claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
            csi: { driver: provisioner, volumeHandle: uid },
            persistentVolumeReclaimPolicy: 'Delete',
            storageClassName: spec?.storageClassName,
          },
        })
        .catch(ignoreExisting);
    }
    for (const { metadata, spec, status } of await admin.list<V1PersistentVolume>('/api/v1/persistentvolumes')) {
      if (spec?.claimRef?.namespace !== namespace || status?.phase !== 'Released') continue;
      rmSync(kubelet.volumeDir(spec.claimRef.name ?? ''), { recursive: true, force: true });
      await admin.remove(`/api/v1/persistentvolumes/${metadata?.name}`).catch(ignoreGone);
    }
  };

  const failures = new Set<string>();
  const loop = (async () => {
    while (!closed) {
      // The API server may be down: a node retries.
      await reconcile().catch((error: unknown) => {
        if (error instanceof RequestError && error.status < 500) failures.add(error.message);
      });
      await pause(intervalMs);
    }
  })();

  return {
    kubelet,
    async close() {
      closed = true;
      await loop;
      for (const { pod } of running.values()) await kubelet.end(pod, 'SIGKILL');
      expect([...failures]).toEqual([]);
    },
  };
};

const ignoreGone = (error: unknown) => {
  if (!(error instanceof RequestError) || ![404, 409].includes(error.status)) throw error;
};
const ignoreExisting = (error: unknown) => {
  if (!(error instanceof RequestError) || error.status !== 409) throw error;
};
