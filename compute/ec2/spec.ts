import * as z from 'zod';
import { ByteSize, byteSize } from '../../contracts/template.ts';
import { InstanceType, PoolName, Tags, type VmPool, type VmSettings } from '../../contracts/vm-settings.ts';

const gibibyte = 1024 ** 3;

const Home = z.strictObject({
  size: ByteSize.refine(
    (size) => byteSize(size) % gibibyte === 0 && byteSize(size) <= 16_384 * gibibyte,
    'A home is whole GiB, at most 16384Gi',
  ).default('20Gi'),
  mountPath: z
    .string()
    .regex(/^\/(home|mnt|workspaces)\/[a-z0-9][a-z0-9._-]{0,62}$/, 'A home lies below /home, /mnt or /workspaces')
    .default('/home/berth'),
});

const Spec = z.strictObject({
  pool: PoolName,
  size: InstanceType.optional().meta({
    description: 'The instance type to begin with; without capacity, those after it in the pool’s list follow',
  }),
  mode: z.enum(['persistent', 'ephemeral']).default('ephemeral').meta({
    description:
      'persistent: stop keeps the whole VM; ephemeral: stop ends it and keeps the home, on a volume of its own',
  }),
  home: Home.prefault({}),
  tags: Tags.default({}).meta({ description: 'For chargeback: group, cost centre' }),
});
export type Ec2VmSpec = z.infer<typeof Spec>;

/** `compute.spec` of the kind `ec2-vm`, held against the pools that there are. */
export const ec2VmSpec = ({ pools }: VmSettings): z.ZodType<Ec2VmSpec> =>
  Spec.superRefine(({ pool, size }, context) => {
    const found = pools.find(({ name }) => name === pool);
    if (found === undefined) {
      const message = `There is no pool "${pool}". Use one of: ${pools.map(({ name }) => name).join(', ')}`;
      context.addIssue({ code: 'custom', path: ['pool'], message });
    } else if (size !== undefined && !found.instanceTypes.includes(size)) {
      const message = `The pool ${pool} has no ${size}. Use one of: ${found.instanceTypes.join(', ')}`;
      context.addIssue({ code: 'custom', path: ['size'], message });
    }
  });

/** The pool of a spec that was checked. */
export const poolOf = ({ pools }: VmSettings, name: string): VmPool => {
  const pool = pools.find((candidate) => candidate.name === name);
  if (pool === undefined) throw new Error(`there is no pool ${name}`);
  return pool;
};

export const gibibytes = (size: string): number => byteSize(size) / gibibyte;
