import type { CoreV1Event, V1NetworkPolicy, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';

/** What Berth makes, and where the API has it. */
export interface Resources {
  pods: V1Pod;
  persistentvolumeclaims: V1PersistentVolumeClaim;
  networkpolicies: V1NetworkPolicy;
}
export type ResourceName = keyof Resources;

export const groups: Record<ResourceName | 'events', string> = {
  pods: '/api/v1',
  persistentvolumeclaims: '/api/v1',
  networkpolicies: '/apis/networking.k8s.io/v1',
  events: '/api/v1',
};

/** How a person calls it. */
export const words: Record<ResourceName | 'events', string> = {
  pods: 'pod',
  persistentvolumeclaims: 'volume claim',
  networkpolicies: 'network policy',
  events: 'events',
};

/** An event as the API answers it: the client's type knows dates, JSON does not. */
export type ClusterEvent = Pick<CoreV1Event, 'reason' | 'message' | 'type' | 'count'> & {
  lastTimestamp?: string | null;
};
