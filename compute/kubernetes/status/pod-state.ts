import type { V1ContainerStatus, V1ObjectMeta, V1Pod } from '@kubernetes/client-node';

/** The statuses of a pod's containers; init containers first. */
export const statusesOf = ({ status }: V1Pod): V1ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

export const statusOf = ({ status }: V1Pod, container: string): V1ContainerStatus | undefined =>
  status?.containerStatuses?.find(({ name }) => name === container);

/** Dates are strings in the API's JSON, whatever the client's types say. */
export const epochOf = (date: unknown): number => (typeof date === 'string' ? Date.parse(date) : Number.NaN);

export const isTerminating = ({ metadata }: { metadata?: V1ObjectMeta }): boolean =>
  metadata?.deletionTimestamp !== undefined;

/** The name of the container that is the workspace. */
export const workspaceContainerOf = (pod: V1Pod): string =>
  pod.metadata?.annotations?.['kubectl.kubernetes.io/default-container'] ?? pod.spec?.containers[0]?.name ?? '';

type PodState = 'starting' | 'running' | 'failed';

export const stateOf = (pod: V1Pod): PodState => {
  const container = statusOf(pod, workspaceContainerOf(pod))?.state;
  if (isTerminating(pod) || pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return 'failed';
  // Under any other restart policy the kubelet restarts the container.
  if (container?.terminated !== undefined && pod.spec?.restartPolicy === 'Never') return 'failed';
  return container?.running === undefined ? 'starting' : 'running';
};
