import type { V1NetworkPolicy, V1NetworkPolicyEgressRule } from '@kubernetes/client-node';
import type { KubernetesKindSettings } from '../../../contracts/settings/kubernetes.ts';
import type { Run } from '../../../core/ports/compute-kind.ts';
import { contains } from './cidr.ts';
import { metadataOf, policyName, workspaceLabels } from './metadata.ts';

type Network = KubernetesKindSettings['network'];
type Destination = Network['allow'][number];

/**
 * Link-local addresses, among them those that hand out a node's credentials: instance metadata (169.254.169.254,
 * fd00:ec2::254), task and pod credentials (169.254.170.2 and .23, fd00:ec2::23).
 */
const credentialAddresses = ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32'];

const dnsPorts = [
  { port: 53, protocol: 'UDP' },
  { port: 53, protocol: 'TCP' },
];

const dns = ({ dns: resolvers }: Network): V1NetworkPolicyEgressRule => ({
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
    ...resolvers.map((cidr) => ({ ipBlock: { cidr } })),
  ],
  ports: dnsPorts,
});

const egressTo = ({ cidr, ports }: Destination, { deny }: Network): V1NetworkPolicyEgressRule => {
  const except = [...credentialAddresses, ...deny].filter((denied) => denied !== cidr && contains(cidr, denied));
  return {
    to: [{ ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) } }],
    ...(ports === undefined ? {} : { ports }),
  };
};

/** Throws for settings that would let pods reach the addresses that hand out credentials. */
export const checkNetwork = ({ allow }: Network): void => {
  const open = allow.find(({ cidr }) => credentialAddresses.some((block) => contains(block, cidr)));
  if (open === undefined) return;
  throw new Error(
    `The setting network.allow of kubernetes-pod names ${open.cidr}, which hands out the credentials of nodes. Remove it.`,
  );
};

/** Denies all ingress, even from the gateway; allows egress to DNS resolvers and to what the settings allow. */
export const networkPolicyManifest = (
  run: Omit<Run<unknown>, 'agent' | 'spec'>,
  settings: KubernetesKindSettings,
  resourceVersion: string | undefined,
): V1NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: {
    ...metadataOf(run, settings, policyName(run.workspace.id), { labels: {}, annotations: {} }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  },
  spec: {
    podSelector: { matchLabels: workspaceLabels(settings.installation, run.workspace.id) },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [],
    egress: [dns(settings.network), ...settings.network.allow.map((to) => egressTo(to, settings.network))],
  },
});
