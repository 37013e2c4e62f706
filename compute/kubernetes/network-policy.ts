import type { V1NetworkPolicy, V1NetworkPolicyEgressRule } from '@kubernetes/client-node';
import type { KubernetesKindSettings } from '../../contracts/kubernetes-settings.ts';
import type { Run } from '../kind.ts';
import { contains } from './cidr.ts';
import { metadataOf, policyName, selectorOf } from './names.ts';

type Network = KubernetesKindSettings['network'];
type Destination = Network['allow'][number];

/**
 * Where a node's credentials are handed out, and all else that is link-local: instance metadata (169.254.169.254,
 * fd00:ec2::254), task and pod credentials (169.254.170.2 and .23, fd00:ec2::23).
 */
const credentials = ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32'];

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

const outward = ({ cidr, ports }: Destination, { deny }: Network): V1NetworkPolicyEgressRule => {
  const except = [...credentials, ...deny].filter((denied) => denied !== cidr && contains(cidr, denied));
  return {
    to: [{ ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) } }],
    ...(ports === undefined ? {} : { ports }),
  };
};

/** Throws for settings that would open what must stay shut, whoever wrote them. */
export const checkNetwork = ({ allow }: Network): void => {
  const open = allow.find(({ cidr }) => credentials.some((block) => contains(block, cidr)));
  if (open === undefined) return;
  throw new Error(
    `The setting network.allow of kubernetes-pod names ${open.cidr}, where nodes are given their credentials. Take it out.`,
  );
};

/** Nobody connects to a workspace, not even the gateway; it connects to resolvers and to what the settings allow. */
export const networkPolicyOf = (
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
    podSelector: { matchLabels: selectorOf(settings.installation, run.workspace.id) },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [],
    egress: [dns(settings.network), ...settings.network.allow.map((to) => outward(to, settings.network))],
  },
});
