import type { CoreV1Event, V1NetworkPolicy, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';

/** The resources that Berth creates, and their API paths. */
export interface Resources {
  pods: V1Pod;
  persistentvolumeclaims: V1PersistentVolumeClaim;
  networkpolicies: V1NetworkPolicy;
}
export type ResourceName = keyof Resources;

export const apiPaths: Record<ResourceName | 'events', string> = {
  pods: '/api/v1',
  persistentvolumeclaims: '/api/v1',
  networkpolicies: '/apis/networking.k8s.io/v1',
  events: '/api/v1',
};

/** Names for people. */
export const resourceNames: Record<ResourceName | 'events', string> = {
  pods: 'pod',
  persistentvolumeclaims: 'volume claim',
  networkpolicies: 'network policy',
  events: 'events',
};

/** An event as JSON: the client's type has dates, JSON has strings. */
export type ClusterEvent = Pick<CoreV1Event, 'reason' | 'message' | 'type' | 'count'> & {
  lastTimestamp?: string | null;
};
