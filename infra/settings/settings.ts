import * as z from 'zod';
import { SupportUrl } from '../../contracts/settings/environment.ts';
import { sharingLimits } from '../../contracts/templates/sharing-limits.ts';
import { HomeRetention } from '../../contracts/workspaces/homes.ts';
import { ClusterSettings, VmPoolSettings } from './compute-settings.ts';
import { DomainSettings, GatewaySettings, NetworkSettings } from './network-settings.ts';
import { furtherRegionsAreValid } from './region-rules.ts';
import {
  exactlyOneOf,
  hasCompute,
  isInRegion,
  poolsAreValid,
  streamMatchesTable,
  vmsHaveIdentityCertificates,
} from './rules.ts';
import { SignInSettings } from './sign-in-settings.ts';
import { arn, keyArn, pemCertificate, region } from './values.ts';

const group = z.string().min(1).max(200);

/** The retention periods that CloudWatch Logs accepts. */
const logRetentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const AuditSettings = z.strictObject({
  retentionDays: z.int().min(1).max(36_500).default(365),
  mode: z
    .enum(['governance', 'compliance'])
    .default('governance')
    .describe('`compliance`: nobody can delete audit events before they expire, not even the root user'),
});

const ReplicaSettings = z
  .strictObject({
    region,
    key: keyArn.describe('The replica of the installation’s key in that region'),
    auditBucket: z
      .string()
      .regex(/^arn:aws[a-z-]*:s3:::[a-z0-9.-]{3,63}$/, 'must be the ARN of a bucket')
      .describe('A bucket in that region with versioning and Object Lock'),
  })
  .refine((replica) => replica.key.split(':')[3] === replica.region, {
    path: ['key'],
    error: 'is not in the replica’s region, the only one in which the replica can use it',
  });

const RestoredTableSettings = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_.-]{3,255}$/, 'must be the name of a table'),
  streamArn: arn('dynamodb', 'the table’s change stream'),
  restoredAt: z.iso
    .datetime({ error: 'must be the time of the restore, for example 2026-11-29T10:00:00Z' })
    .describe('When you restored the table: builds are numbered from a number that no build had before then'),
});

/**
 * The settings of one installation, as `berth.config.yaml` has them. Secrets are never in it, only ARNs of Secrets
 * Manager. All objects are strict, so that a misspelled setting is refused instead of ignored.
 */
export const Settings = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Z][A-Za-z0-9]{0,19}$/, 'must start with a capital letter and have only letters and digits')
      .default('Berth'),
    account: z
      .string({ error: 'must be a text of 12 digits: put it in quotes' })
      .regex(/^[0-9]{12}$/, 'must be 12 digits, in quotes'),
    region,
    domain: DomainSettings,
    network: NetworkSettings,
    gateway: GatewaySettings.prefault({}),
    kubernetes: ClusterSettings.optional(),
    vmPools: z.array(VmPoolSettings).max(10).default([]),
    vmIdentityCertificates: z
      .array(pemCertificate)
      .max(5)
      .default([])
      .describe('The certificates with which AWS signs instance identity documents (RSA) in the region'),
    signIn: SignInSettings,
    roles: z.strictObject({ admin: group, auditor: group.optional(), 'template-admin': group.optional() }),
    sharing: sharingLimits('everyone').describe('The widest sharing that any template may allow'),
    browserOnly: z
      .boolean()
      .default(false)
      .describe('Allow only terminals and apps in the browser; no SSH, exec or port forwarding for any workspace'),
    homeRetention: HomeRetention.optional().describe(
      'How long to keep an unowned home; by default until an admin discards it',
    ),
    logRetentionDays: z
      .literal(logRetentionDays, { error: `must be one of ${logRetentionDays.join(', ')}` })
      .default(90),
    audit: AuditSettings.prefault({}),
    encryptionKey: z
      .union([z.literal('new'), keyArn], { error: 'must be `new` or the ARN of a KMS key' })
      .default('new'),
    replica: ReplicaSettings.optional().describe(
      'A second region with a copy of the table, the agent key and the audit; see docs/deploy.md',
    ),
    restoredTable: RestoredTableSettings.optional().describe(
      'Use this restored table instead of the stateful stack’s own; see docs/deploy.md',
    ),
    alarms: z
      .strictObject({ email: z.email().optional(), topic: arn('sns', 'an SNS topic').optional() })
      .check(exactlyOneOf('email', 'topic')),
    support: SupportUrl.optional().describe('Where people ask for help; the portal’s menu links to it'),
    runbook: z.url().optional().describe('Where your on-call engineers read docs/runbook.md; alarms link to it'),
  })
  .refine(({ replica, region: own }) => replica?.region !== own, {
    path: ['replica', 'region'],
    error: 'must not be the installation’s own region',
  })
  .check(
    isInRegion,
    vmsHaveIdentityCertificates,
    streamMatchesTable,
    hasCompute,
    poolsAreValid,
    furtherRegionsAreValid,
  );
export type Settings = z.output<typeof Settings>;

/** `BERTH_LIMITS`: the limits that the API and the gateway enforce. */
export const limitsText = ({ sharing, browserOnly, kubernetes }: Settings): string =>
  JSON.stringify({ sharing, browserOnly, privilegedTemplates: kubernetes?.privilegedTemplates });
