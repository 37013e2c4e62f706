import { X509Certificate } from 'node:crypto';
import * as z from 'zod';
import { KubernetesKindSettings } from '../contracts/kubernetes-settings.ts';
import { sharingLimits } from '../contracts/sharing-limits.ts';
import { InstanceType, PoolName, VmSpares } from '../contracts/vm-settings.ts';
import { soundRegions } from './region-rules.ts';
import {
  appsApart,
  belowZone,
  inRegion,
  knownMachines,
  only,
  ownStream,
  someCompute,
  soundPools,
} from './settings-rules.ts';

/**
 * What a company says of its installation: `berth.config.yaml`. Secrets are never in it, only ARNs of Secrets Manager.
 * Strict throughout, so that a misspelt setting is refused instead of ignored.
 */
const arn = (service: string, what: string) =>
  z.string().regex(new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]*:[0-9]*:.+$`), `must be the ARN of ${what}`);
const keyArn = z.string().regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[0-9a-f-]{36}$/);
const domainName = z
  .string()
  .max(200)
  .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'must be a domain name in lower case: berth.example.com');
const id = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), `must look like ${prefix}-0a1b…`);
const cidr = z.cidrv4({ error: 'must be an IPv4 range: 10.40.0.0/16' });
const zones = z.array(z.string()).min(2, 'needs two zones: a load balancer stands in two').max(3);
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-[0-9]$/, 'must be a region: eu-central-1');
const httpsUrl = z.url({ protocol: /^https$/, error: 'must be an https:// address' });

const Domain = z
  .strictObject({
    name: domainName.describe('Where the portal is; `api.` and `gateway.` below it are Berth’s too'),
    apps: domainName.optional().describe('Below it each app has its host; by default `apps.` below the name'),
    hostedZone: z
      .strictObject({ id: z.string().regex(/^Z[A-Z0-9]{5,31}$/, 'must look like Z0123456789ABC'), name: domainName })
      .optional()
      .describe('A Route 53 zone: certificates and names are made there'),
    certificates: z
      .strictObject({
        regional: arn('acm', 'a certificate of ACM').describe('For `api.`, `gateway.` and `*.apps.`, in the region'),
        portal: arn('acm', 'a certificate of ACM').describe(
          'For the name itself, in us-east-1, where CloudFront looks',
        ),
      })
      .optional()
      .describe('Without a zone: your certificates; the names you point yourself at the outputs'),
  })
  .check(only('hostedZone', 'certificates'), belowZone, appsApart);

const Network = z
  .strictObject({
    new: z
      .strictObject({
        cidr: cidr.default('10.40.0.0/16'),
        zones,
        nat: z
          .enum(['none', 'instance', 'gateway'])
          .default('none')
          .describe('None: all have public addresses and no open port'),
      })
      .optional(),
    existing: z
      .strictObject({
        vpcId: id('vpc'),
        cidr,
        zones,
        publicSubnets: z.array(id('subnet')).min(2, 'needs a subnet per zone'),
        privateSubnets: z.array(id('subnet')).default([]).describe('With a way out; without any, public ones are used'),
        routeTables: z
          .array(id('rtb'))
          .default([])
          .describe(
            'Of the subnets that the gateway stands in; only for `gateway.regions`, whose routes are added to them',
          ),
      })
      .optional(),
  })
  .check(only('new', 'existing'));

const GatewayRegion = z.strictObject({
  region,
  network: z
    .strictObject({ cidr, zones })
    .describe('A VPC is made there; its range must not overlap with any other of Berth, as they are joined'),
  replicas: z.int().min(1).max(20).default(2).describe('They never sleep'),
  certificate: arn('acm', 'a certificate of ACM')
    .optional()
    .describe('Without a zone: yours, in that region, for `gateway.` and `*.apps.`'),
  alarmTopic: arn('sns', 'a topic of SNS').optional().describe('With `alarms.topic`: one in that region'),
});
export type GatewayRegion = z.output<typeof GatewayRegion>;

const role = arn('iam', 'a role');
const Kubernetes = z
  .strictObject({
    new: z
      .strictObject({
        admins: z.array(role).min(1, 'needs who may administer the cluster').max(20),
      })
      .optional(),
    existing: z
      .strictObject({
        name: z.string().min(1).max(100),
        endpoint: httpsUrl,
        certificateAuthority: z.base64({ error: 'must be the certificate in base64, as EKS shows it' }).min(100),
        oidcIssuer: httpsUrl,
      })
      .optional(),
    architecture: z
      .enum(['amd64', 'arm64'])
      .default('amd64')
      .describe('Of the nodes, for the agent that is brought into pods'),
    agentImage: z.string().max(400).optional().describe('By default built with the deployment'),
    ...KubernetesKindSettings.omit({ installation: true, agent: true }).extend({
      namespace: KubernetesKindSettings.shape.namespace.default('berth-workspaces'),
    }).shape,
  })
  .check(only('new', 'existing'));

const VmPool = z.strictObject({
  name: PoolName,
  instanceTypes: z.array(InstanceType).min(1).max(10).describe('In the order in which they are tried'),
  architecture: z.enum(['arm64', 'x86_64']).default('arm64'),
  ami: id('ami').optional().describe('By default the newest Amazon Linux 2023'),
  rootDevice: z
    .string()
    .regex(/^\/dev\/(sd|xvd)[a-z][0-9]{0,2}$/, 'must be a device: /dev/xvda or /dev/sda1')
    .default('/dev/xvda')
    .describe('Of the image, as `aws ec2 describe-images` names it; its disk gets the size below'),
  diskGiB: z.int().min(8).max(1_000).default(30),
  cap: z.int().min(1).max(10_000).describe('Most VMs there may be: spares, leased and stopped together'),
  spares: VmSpares.prefault({}),
});

const isCertificate = (text: string): boolean => {
  try {
    return new X509Certificate(text).subject.length > 0;
  } catch (error) {
    // It throws for whatever it cannot read, in words of OpenSSL.
    return !(error instanceof Error);
  }
};
const certificate = z
  .string()
  .startsWith('-----BEGIN CERTIFICATE-----', 'must be a certificate in PEM')
  .refine(isCertificate, 'is no certificate that can be read');

const groupSource = { name: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{2,31}$/, 'has 3 to 32 letters, digits, _ and -') };
const attribute = z.string().min(1).max(200);
const SignIn = z
  .strictObject({
    domainPrefix: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'has lower-case letters, digits and hyphens'),
    attributes: z
      .strictObject({
        groups: attribute.default('groups'),
        username: attribute.default('preferred_username'),
        name: attribute.default('name'),
        email: attribute.default('email'),
        emailVerified: attribute.optional().describe('Without it no e-mail address is taken over'),
      })
      .prefault({})
      .describe('What the identity provider calls them: attributes of SAML, claims of OpenID'),
    saml: z.strictObject({ ...groupSource, metadataUrl: httpsUrl }).optional(),
    oidc: z
      .strictObject({
        ...groupSource,
        issuer: httpsUrl,
        clientId: z.string().min(1).max(200),
        clientSecret: arn('secretsmanager', 'a secret in Secrets Manager; never the secret itself'),
        scopes: z.array(z.string()).default(['openid', 'profile', 'email']),
      })
      .optional(),
  })
  .check(only('saml', 'oidc'));

const group = z.string().min(1).max(200);
const days = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

export const Settings = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Z][A-Za-z0-9]{0,19}$/, 'starts with a capital and holds letters and digits')
      .default('Berth'),
    account: z
      .string({ error: 'must be text of 12 digits: put it in quotes' })
      .regex(/^[0-9]{12}$/, 'must be 12 digits, in quotes'),
    region,
    domain: Domain,
    network: Network,
    gateway: z
      .strictObject({
        replicas: z.int().min(1).max(20).default(2),
        sleepWhenIdle: z
          .boolean()
          .default(true)
          .describe('No replica while no workspace runs; the first start then takes minutes longer'),
        regions: z
          .array(GatewayRegion)
          .max(5)
          .default([])
          .describe('Further regions with replicas; people and agents are sent to the nearest'),
      })
      .prefault({}),
    kubernetes: Kubernetes.optional(),
    vmPools: z.array(VmPool).max(10).default([]),
    vmIdentityCertificates: z
      .array(certificate)
      .max(5)
      .default([])
      .describe('Those AWS publishes for RSA signatures of instance identity documents in the region'),
    signIn: SignIn,
    roles: z.strictObject({ admin: group, auditor: group.optional(), 'template-admin': group.optional() }),
    sharing: sharingLimits('everyone').describe('How widely workspaces may be shared, whatever a template allows'),
    browserOnly: z
      .boolean()
      .default(false)
      .describe('For all workspaces: terminal and apps in the browser alone; no SSH, exec or port forwarding'),
    logRetentionDays: z.literal(days, { error: `must be one of ${days.join(', ')}` }).default(90),
    audit: z
      .strictObject({
        retentionDays: z.int().min(1).max(36_500).default(365),
        mode: z
          .enum(['governance', 'compliance'])
          .default('governance')
          .describe('Compliance: nobody can delete before, the root user included'),
      })
      .prefault({}),
    encryptionKey: z
      .union([z.literal('new'), keyArn], { error: 'must be `new` or the ARN of a key of KMS' })
      .default('new'),
    restoredTable: z
      .strictObject({
        name: z.string().regex(/^[A-Za-z0-9_.-]{3,255}$/, 'must be the name of a table'),
        streamArn: arn('dynamodb', 'its change stream'),
      })
      .optional()
      .describe('Work on this table, which was restored, instead of the one of the stack; see docs/deploy.md'),
    alarms: z
      .strictObject({ email: z.email().optional(), topic: arn('sns', 'a topic of SNS').optional() })
      .check(only('email', 'topic')),
    runbook: z.url().optional().describe('Where your people read docs/runbook.md; alarms lead there'),
  })
  .check(inRegion, knownMachines, ownStream, someCompute, soundPools, soundRegions);
export type Settings = z.output<typeof Settings>;

/** What is told to all that answers people. */
export const limitsText = ({ sharing, browserOnly }: Settings): string => JSON.stringify({ sharing, browserOnly });

export type VmPool = z.output<typeof VmPool>;
