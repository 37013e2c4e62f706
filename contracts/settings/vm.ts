import * as z from 'zod';
import { isTimeZone } from '../values/time.ts';

export const PoolName = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'A pool name has lowercase letters, digits and single hyphens');

export const InstanceType = z
  .string()
  .max(40)
  .regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, 'An instance type has a family and a size, for example m7g.large');

/**
 * A tag key that the instance metadata service can serve, which refuses slashes and spaces. The prefixes `aws:` and
 * `berth:` are reserved.
 */
const TagKey = z
  .string()
  .max(128)
  .regex(/^(?!aws:|berth:)[A-Za-z0-9+=.,_:@-]*[A-Za-z0-9][A-Za-z0-9+=.,_:@-]*$/, 'is not a valid tag key for a VM');
const TagValue = z
  .string()
  .max(256)
  .regex(/^[\p{L}\p{N} +=._:/@-]*$/u, 'contains a character that tags cannot have');
export const Tags = z
  .record(TagKey, TagValue)
  .refine((tags) => Object.keys(tags).length <= 20, 'are more than 20 tags');

const sizes = {
  running: z.int().min(0).max(1_000).meta({ description: 'Running spares: acquiring one takes seconds' }),
  stopped: z
    .int()
    .min(0)
    .max(1_000)
    .meta({ description: 'Stopped spares in the warm pool; they cost only their disks' }),
};

/** Number of spares of a pool. */
export const VmSpares = z.strictObject({
  running: sizes.running.default(0),
  stopped: sizes.stopped.default(0),
  hours: z
    .array(
      z.strictObject({
        cron: z
          .string()
          .max(60)
          .regex(/^\S+( \S+){4}$/, 'A schedule has five fields, for example 0 7 * * MON-FRI'),
        running: sizes.running,
        stopped: sizes.stopped.optional(),
      }),
    )
    .max(20)
    .default([])
    .meta({ description: 'Other sizes by schedule; each applies until the next one' }),
  timezone: z
    .string()
    .max(60)
    .refine(isTimeZone, 'is not a time zone; use a name such as Europe/Berlin')
    .default('UTC'),
});
export type VmSpares = z.infer<typeof VmSpares>;

const sum = ({ running, stopped }: { running: number; stopped?: number | undefined }, usual: number): number =>
  running + (stopped ?? usual);

export const VmPool = z
  .strictObject({
    name: PoolName,
    autoScalingGroup: z.string().min(1).max(255),
    launchTemplate: z.strictObject({ id: z.string().startsWith('lt-'), version: z.string().min(1) }).meta({
      description: 'The launch template of the group, with image, instance profile, security group and user data',
    }),
    instanceTypes: z
      .array(InstanceType)
      .min(1)
      .max(10)
      .meta({ description: 'In order of preference; all must be able to run the same image' }),
    subnets: z
      .array(z.strictObject({ id: z.string().startsWith('subnet-'), zone: z.string().min(1) }))
      .min(1)
      .max(12),
    securityGroups: z.array(z.string().startsWith('sg-')).min(1).max(5),
    publicAddress: z
      .boolean()
      .meta({ description: 'For subnets that reach the internet only through an internet gateway' }),
    architecture: z.enum(['arm64', 'x86_64']),
    cap: z
      .int()
      .min(1)
      .max(10_000)
      .meta({ description: 'Maximum number of VMs, including leased and stopped ones and spares' }),
    spares: VmSpares.prefault({}),
  })
  .refine(({ cap, spares }) => [spares, ...spares.hours].every((size) => sum(size, spares.stopped) <= cap), {
    path: ['spares'],
    message: 'The pool has more spares than its cap',
  });
export type VmPool = z.infer<typeof VmPool>;

/** `BERTH_COMPUTE['ec2-vm']`. */
export const VmSettings = z.strictObject({
  region: z.string().min(1),
  account: z.string().regex(/^[0-9]{12}$/, 'An account ID has 12 digits'),
  installation: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z0-9._-]+$/)
    .meta({
      description: 'Name of this Berth, to distinguish its resources from those of another Berth in the account',
    }),
  pools: z
    .array(VmPool)
    .min(1)
    .max(20)
    .refine((pools) => new Set(pools.map(({ name }) => name)).size === pools.length, 'Two pools have the same name'),
  tags: Tags.default({}).meta({ description: 'Tags of every VM and volume, for example a cost center' }),
  volumeKey: z
    .string()
    .startsWith('arn:')
    .optional()
    .meta({ description: 'KMS key for the homes. Default: the AWS managed key of EBS' }),
});
export type VmSettings = z.infer<typeof VmSettings>;
