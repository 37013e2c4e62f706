import type { ComputeKind } from '../../../compute/kind.ts';
import { kubernetesClient } from '../../../compute/kubernetes/client.ts';
import { eksAccess } from '../../../compute/kubernetes/eks-token.ts';
import { kubernetesPodKind } from '../../../compute/kubernetes/kubernetes.ts';
import { KubernetesSettings } from '../../../contracts/kubernetes-settings.ts';
import type { Rules } from '../../../core/rules.ts';
import { defaultProvider } from './credentials.ts';

/** Pods of the EKS cluster of the settings, as this function's own role. */
export const awsKubernetes = (given: unknown, { clock }: Rules): ComputeKind<unknown> => {
  const { cluster, ...settings } = KubernetesSettings.parse(given);
  const { name, endpoint, ca, region } = cluster;
  const access = eksAccess({ cluster: name, endpoint, ca, region, credentials: defaultProvider(), clock });
  const api = kubernetesClient({ ...access, namespace: settings.namespace });
  return kubernetesPodKind({ api, settings, clock }) as ComputeKind<unknown>;
};
