import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';

/** A pod's containers with what the kubelet says of them; those that begin first come first. */
export const statusesOf = ({ status }: V1Pod): V1ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

export const statusOf = ({ status }: V1Pod, container: string): V1ContainerStatus | undefined =>
  status?.containerStatuses?.find(({ name }) => name === container);

/** Dates are strings in what the API answers, whatever the client's types say. */
export const instantOf = (date: unknown): number => (typeof date === 'string' ? Date.parse(date) : Number.NaN);

export const isGoing = ({ metadata }: V1Pod): boolean => metadata?.deletionTimestamp !== undefined;

/** The workspace is its one container: sidecars that go on without it are no workspace. */
export const workspaceOf = (pod: V1Pod): string =>
  pod.metadata?.annotations?.['kubectl.kubernetes.io/default-container'] ?? pod.spec?.containers[0]?.name ?? '';

export type PodState = 'starting' | 'running' | 'failed';

export const stateOf = (pod: V1Pod): PodState => {
  const container = statusOf(pod, workspaceOf(pod))?.state;
  if (isGoing(pod) || pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return 'failed';
  // With a restart policy of its own the kubelet starts it again.
  if (container?.terminated !== undefined && pod.spec?.restartPolicy === 'Never') return 'failed';
  return container?.running === undefined ? 'starting' : 'running';
};
