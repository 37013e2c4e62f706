import * as z from 'zod';
import { isTimeZone } from './time-zone.ts';

export const PoolName = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'A pool name is lower case letters, digits and single hyphens');

export const InstanceType = z
  .string()
  .max(40)
  .regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, 'An instance type is a family and a size: m7g.large');

/**
 * A tag that the machine itself can read from its metadata service, which refuses slashes and spaces in keys. `aws:` and
 * `berth:` are taken.
 */
export const TagKey = z
  .string()
  .max(128)
  .regex(/^(?!aws:|berth:)[A-Za-z0-9+=.,_:@-]*[A-Za-z0-9][A-Za-z0-9+=.,_:@-]*$/, 'is no tag key that a VM can have');
export const TagValue = z
  .string()
  .max(256)
  .regex(/^[\p{L}\p{N} +=._:/@-]*$/u, 'holds a character that no tag may have');
export const Tags = z
  .record(TagKey, TagValue)
  .refine((tags) => Object.keys(tags).length <= 20, 'are more than 20 tags');

const sizes = {
  running: z.int().min(0).max(1_000).meta({ description: 'Started and ready: a lease takes seconds' }),
  stopped: z.int().min(0).max(1_000).meta({ description: 'The warm pool behind them; costs only its disks' }),
};

/** How many spares a pool keeps. */
export const VmSpares = z.strictObject({
  running: sizes.running.default(0),
  stopped: sizes.stopped.default(0),
  hours: z
    .array(
      z.strictObject({
        cron: z
          .string()
          .max(60)
          .regex(/^\S+( \S+){4}$/, 'A schedule has five fields: 0 7 * * MON-FRI'),
        running: sizes.running,
        stopped: sizes.stopped.optional(),
      }),
    )
    .max(20)
    .default([])
    .meta({ description: 'Other sizes from these moments on, each until the next one' }),
  timezone: z.string().max(60).refine(isTimeZone, 'is no time zone such as Europe/Berlin').default('UTC'),
});
export type VmSpares = z.infer<typeof VmSpares>;

const sum = ({ running, stopped }: { running: number; stopped?: number | undefined }, usual: number): number =>
  running + (stopped ?? usual);

export const VmPool = z
  .strictObject({
    name: PoolName,
    autoScalingGroup: z.string().min(1).max(255),
    launchTemplate: z
      .strictObject({ id: z.string().startsWith('lt-'), version: z.string().min(1) })
      .meta({ description: 'The one of the group; it has image, instance profile, security group and user data' }),
    instanceTypes: z
      .array(InstanceType)
      .min(1)
      .max(10)
      .meta({ description: 'In the order in which they are tried; all can run the same image' }),
    subnets: z
      .array(z.strictObject({ id: z.string().startsWith('subnet-'), zone: z.string().min(1) }))
      .min(1)
      .max(12),
    securityGroups: z.array(z.string().startsWith('sg-')).min(1).max(5),
    publicAddress: z.boolean().meta({ description: 'For subnets whose only way out is an internet gateway' }),
    architecture: z.enum(['arm64', 'x86_64']),
    cap: z.int().min(1).max(10_000).meta({ description: 'Most VMs there may be: spares, leased and stopped together' }),
    spares: VmSpares.prefault({}),
  })
  .refine(({ cap, spares }) => [spares, ...spares.hours].every((size) => sum(size, spares.stopped) <= cap), {
    path: ['spares'],
    message: 'The spares are more than the cap',
  });
export type VmPool = z.infer<typeof VmPool>;

/** Settings of the compute kind `ec2-vm`, as `BERTH_COMPUTE` holds them under that name. */
export const VmSettings = z.strictObject({
  region: z.string().min(1),
  account: z.string().regex(/^[0-9]{12}$/, 'An account is 12 digits'),
  installation: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z0-9._-]+$/)
    .meta({ description: 'Tells the things of this Berth from another one’s in the same account' }),
  pools: z
    .array(VmPool)
    .min(1)
    .max(20)
    .refine((pools) => new Set(pools.map(({ name }) => name)).size === pools.length, 'Two pools have the same name'),
  tags: Tags.default({}).meta({ description: 'On every VM and volume, e.g. the cost centre' }),
  volumeKey: z
    .string()
    .startsWith('arn:')
    .optional()
    .meta({ description: 'KMS key of the homes; without it, EC2’s own' }),
});
export type VmSettings = z.infer<typeof VmSettings>;
