import * as z from 'zod';
import { TemplateName } from '../values/names.ts';
import { durationUpTo } from '../values/time.ts';

/** Name of a namespace, a service account or a storage class. */
const ObjectName = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'A Kubernetes name has lowercase letters, digits, hyphens and dots');
const LabelValue = z
  .string()
  .max(63)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'A label has letters, digits, dots, hyphens and underscores');
const LabelKey = z
  .string()
  .max(253)
  .regex(/^([a-z0-9.-]+\/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/)
  .refine((key) => !key.startsWith('berth.dev/'), 'Labels with the prefix berth.dev/ are reserved for Berth');
const Cidr = z.union([z.cidrv4(), z.cidrv6()]);

const Destination = z.strictObject({
  cidr: Cidr,
  ports: z
    .array(z.strictObject({ port: z.int().min(1).max(65_535), protocol: z.enum(['TCP', 'UDP']).default('TCP') }))
    .min(1)
    .max(20)
    .optional()
    .meta({ description: 'Default: all ports' }),
});

/** Networks that are not the internet: other workspaces, the VPC, the cluster's services, peered networks. */
const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/** What pods may reach. No setting allows link-local addresses, for example instance metadata. */
const Network = z.strictObject({
  dns: z.array(Cidr).max(10).default([]).meta({
    description:
      'DNS resolvers other than the pods of kube-dns, for example one on the node (EKS Auto Mode) or the service address',
  }),
  allow: z
    .array(Destination)
    .max(50)
    .default([{ cidr: '0.0.0.0/0' }, { cidr: '::/0' }])
    .meta({ description: 'Where workspaces may connect to. Must include the gateway. Default: the internet' }),
  deny: z
    .array(Cidr)
    .max(20)
    .default(privateNetworks)
    .meta({ description: 'Exceptions from `allow`, except for ranges that `allow` lists inside them' }),
});

/** An installation's settings for workspaces on Kubernetes. */
export const KubernetesKindSettings = z.strictObject({
  installation: LabelValue.meta({
    description: 'Name of this Berth. Several may share a namespace; each manages only its own objects',
  }),
  namespace: ObjectName,
  agent: z.strictObject({
    image: z.string().min(1).max(400),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
    gatewayUrl: z
      .url()
      .optional()
      .meta({ description: 'Address of the gateway for pods. Default: its public address' }),
    caConfigMap: ObjectName.optional().meta({
      description: 'A ConfigMap whose ca.crt has additional certificate authorities for the agent',
    }),
  }),
  serviceAccount: ObjectName.default('default'),
  templateServiceAccounts: z.array(ObjectName).max(100).default([]).meta({
    description: 'Other service accounts that templates may use, for example ones with their own IAM role',
  }),
  storageClass: ObjectName.optional().meta({ description: "Default: the cluster's default" }),
  privilegedTemplates: z.array(TemplateName).max(100).default([]).meta({
    description: 'Templates that may violate the Pod Security Standard "baseline", for example for docker-in-docker',
  }),
  network: Network.prefault({}),
  labels: z.record(LabelKey, LabelValue).default({}).meta({
    description: 'Labels of every object of every workspace, for cost allocation',
  }),
  schedulingPatience: durationUpTo('1h', 'people who wait should learn that the cluster has no capacity')
    .default('5m')
    .meta({ description: 'How long a pod may wait for a node, for example while the cluster adds one' }),
});
export type KubernetesKindSettings = z.infer<typeof KubernetesKindSettings>;

/** `BERTH_COMPUTE['kubernetes-pod']`: the settings and the EKS cluster. */
export const KubernetesSettings = KubernetesKindSettings.extend({
  cluster: z.strictObject({
    name: z.string().min(1).max(100),
    endpoint: z.url({ protocol: /^https$/ }),
    ca: z
      .base64()
      .min(1)
      .meta({ description: 'The certificate authority of the cluster: PEM in base64, as EKS shows it' }),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
  }),
});
export type KubernetesSettings = z.infer<typeof KubernetesSettings>;
