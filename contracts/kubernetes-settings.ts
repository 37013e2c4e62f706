import * as z from 'zod';
import { TemplateName } from './names.ts';

/** A name that Kubernetes takes as a DNS label: of a namespace, a service account, a storage class. */
const ObjectName = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'A name in Kubernetes has lower-case letters, digits, hyphens and dots');
const LabelValue = z
  .string()
  .max(63)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'A label has letters, digits, dots, hyphens and underscores');
const LabelKey = z
  .string()
  .max(253)
  .regex(/^([a-z0-9.-]+\/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/)
  .refine((key) => !key.startsWith('berth.dev/'), 'Labels below berth.dev/ are set by Berth itself');
const Cidr = z.union([z.cidrv4(), z.cidrv6()]);

const Destination = z.strictObject({
  cidr: Cidr,
  ports: z
    .array(z.strictObject({ port: z.int().min(1).max(65_535), protocol: z.enum(['TCP', 'UDP']).default('TCP') }))
    .min(1)
    .max(20)
    .optional()
    .meta({ description: 'Left out, all ports' }),
});

/** What is no part of the internet: other workspaces, the VPC, the cluster's services, whatever is peered. */
const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/** What pods may reach. Instance metadata and everything else link-local stays out of reach whatever is set here. */
const Network = z.strictObject({
  dns: z.array(Cidr).max(10).default([]).meta({
    description:
      'Resolvers beside the pods of kube-dns, such as one on the node (EKS Auto Mode) or the service address',
  }),
  allow: z
    .array(Destination)
    .max(50)
    .default([{ cidr: '0.0.0.0/0' }, { cidr: '::/0' }])
    .meta({ description: 'Where workspaces may connect to: the gateway must be among it. Default: the internet' }),
  deny: z
    .array(Cidr)
    .max(20)
    .default(privateNetworks)
    .meta({ description: 'Cut out of what `allow` allows, where `allow` does not name a part of it' }),
});

/** What an installation decides of its workspaces on Kubernetes. */
export const KubernetesKindSettings = z.strictObject({
  installation: LabelValue.meta({
    description: 'Which Berth this is: several may share a namespace, and none touches what another one made',
  }),
  namespace: ObjectName,
  agent: z.strictObject({
    image: z.string().min(1).max(400),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
    gatewayUrl: z.url().optional().meta({ description: 'Where pods reach the gateway, if not at its public address' }),
    caConfigMap: ObjectName.optional().meta({
      description: 'A ConfigMap whose ca.crt holds certificate authorities that the agent trusts beside the usual ones',
    }),
  }),
  serviceAccount: ObjectName.default('default'),
  templateServiceAccounts: z.array(ObjectName).max(100).default([]).meta({
    description: 'Further service accounts that templates may ask for, such as ones with a role of their own',
  }),
  storageClass: ObjectName.optional().meta({ description: "Left out, the cluster's default" }),
  privilegedTemplates: z.array(TemplateName).max(100).default([]).meta({
    description: 'Templates that may leave the pod security baseline, as docker-in-docker does',
  }),
  network: Network.prefault({}),
  labels: z.record(LabelKey, LabelValue).default({}).meta({
    description: 'On everything of every workspace, for cost allocation',
  }),
  schedulingPatienceSeconds: z.int().min(0).max(3_600).default(300).meta({
    description: 'How long a pod may wait for a node, as while a new one is started',
  }),
});
export type KubernetesKindSettings = z.infer<typeof KubernetesKindSettings>;

/** `BERTH_COMPUTE['kubernetes-pod']`: the same, and the EKS cluster. */
export const KubernetesSettings = KubernetesKindSettings.extend({
  cluster: z.strictObject({
    name: z.string().min(1).max(100),
    endpoint: z.url({ protocol: /^https$/ }),
    ca: z
      .base64()
      .min(1)
      .meta({ description: 'The certificate authority of the cluster, PEM in base64 as EKS gives it' }),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
  }),
});
export type KubernetesSettings = z.infer<typeof KubernetesSettings>;
