import * as z from 'zod';
import { InstanceType, PoolName, Tags, type VmPool, type VmSettings } from '../../contracts/settings/vm.ts';
import { ByteSize, byteSize } from '../../contracts/values/byte-size.ts';

const gibibyte = 1024 ** 3;

const Home = z.strictObject({
  size: ByteSize.refine(
    (size) => byteSize(size) % gibibyte === 0 && byteSize(size) <= 16_384 * gibibyte,
    'Use a whole number of GiB, at most 16384Gi',
  ).default('20Gi'),
  mountPath: z
    .string()
    .regex(/^\/(home|mnt|workspaces)\/[a-z0-9][a-z0-9._-]{0,62}$/, 'Use a path below /home, /mnt or /workspaces')
    .default('/home/berth'),
});

const Spec = z.strictObject({
  pool: PoolName,
  size: InstanceType.optional().meta({
    description: 'The preferred instance type; without capacity, the types after it in the pool’s list are tried',
  }),
  mode: z.enum(['persistent', 'ephemeral']).default('ephemeral').meta({
    description:
      'persistent: stop keeps the whole VM; ephemeral: stop terminates it and keeps the home, on a volume of its own',
  }),
  home: Home.prefault({}),
  tags: Tags.default({}).meta({ description: 'For chargeback, for example a cost center' }),
});
export type Ec2VmSpec = z.infer<typeof Spec>;

/** `compute.spec` of the kind `ec2-vm`, validated against the installed pools. */
export const ec2VmSpec = ({ pools }: VmSettings): z.ZodType<Ec2VmSpec> =>
  Spec.superRefine(({ pool, size }, context) => {
    const found = pools.find(({ name }) => name === pool);
    if (found === undefined) {
      const message = `The pool "${pool}" does not exist. Use one of: ${pools.map(({ name }) => name).join(', ')}`;
      context.addIssue({ code: 'custom', path: ['pool'], message });
    } else if (size !== undefined && !found.instanceTypes.includes(size)) {
      const message = `The pool ${pool} does not offer ${size}. Use one of: ${found.instanceTypes.join(', ')}`;
      context.addIssue({ code: 'custom', path: ['size'], message });
    }
  });

/** The pool of a validated spec. */
export const poolOf = ({ pools }: VmSettings, name: string): VmPool => {
  const pool = pools.find((candidate) => candidate.name === name);
  if (pool === undefined) throw new Error(`the pool ${name} does not exist`);
  return pool;
};

export const gibibytes = (size: string): number => byteSize(size) / gibibyte;
