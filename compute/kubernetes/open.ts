import type { KubernetesSettings } from '../../contracts/settings/kubernetes.ts';
import type { KindDependencies } from '../installable-kind.ts';
import { kubernetesClient } from './api/client.ts';
import { eksAccess } from './api/eks-token.ts';
import { kubernetesPodKind } from './kubernetes.ts';

/** Pods of an EKS cluster. The cluster's access entries decide what the credentials may do. */
export const open = ({ cluster, ...settings }: KubernetesSettings, { clock, aws }: KindDependencies) => {
  const { name, ...location } = cluster;
  const access = eksAccess({ cluster: name, ...location, credentials: aws.credentials, clock });
  const api = kubernetesClient({ ...access, namespace: settings.namespace });
  return kubernetesPodKind({ api, settings, clock });
};
