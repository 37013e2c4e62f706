import { type _InstanceType, DescribeInstanceTypesCommand } from '@aws-sdk/client-ec2';
import { fail, ok, type Verdict, warn } from '../../../contracts/doctor.ts';
import type { VmPoolSettings } from '../../settings/compute-settings.ts';
import type { Check, Context } from '../context/check.ts';
import { increaseCommand, type Quota, quotaValue } from './quotas.ts';

const quota = (code: string, what: string): Quota => ({ service: 'ec2', code, what: `vCPUs of ${what} instances` });
const standard = quota('L-1216C47A', 'standard');

/** Quotas count vCPUs by the letters that the instance family starts with. */
const quotas: Record<string, Quota> = {
  ...Object.fromEntries(['a', 'c', 'd', 'h', 'i', 'm', 'r', 't', 'z', 'im', 'is'].map((family) => [family, standard])),
  g: quota('L-DB2E81BA', 'G and VT'),
  gr: quota('L-DB2E81BA', 'G and VT'),
  vt: quota('L-DB2E81BA', 'G and VT'),
  p: quota('L-417A185B', 'P'),
  inf: quota('L-1945791B', 'Inf'),
};
const quotaOf = (type: string): Quota | undefined => quotas[/^[a-z]+/.exec(type)?.[0] ?? ''];

interface Sum extends Quota {
  /** vCPUs of the spares, at the hour with the most. */
  spares: number;
  /** vCPUs with every pool at its cap. */
  cap: number;
}

const mostSpares = ({ spares }: VmPoolSettings): number =>
  Math.max(spares.running, ...spares.hours.map(({ running }) => running));

/** Returns what the pools need of each quota, if each uses the largest of its instance types. */
export const vcpusOf = (pools: VmPoolSettings[], vcpus: Record<string, number>): Sum[] => {
  const sums = new Map<string, Sum>();
  for (const pool of pools) {
    const largest = Math.max(0, ...pool.instanceTypes.map((type) => vcpus[type] ?? 0));
    const found = quotaOf(pool.instanceTypes[0] ?? '');
    if (found === undefined) continue;
    const { spares, cap } = sums.get(found.code) ?? { spares: 0, cap: 0 };
    const sum = { spares: spares + mostSpares(pool) * largest, cap: cap + pool.cap * largest };
    sums.set(found.code, { ...found, ...sum });
  }
  return [...sums.values()];
};

const judge = async (context: Context, sum: Sum): Promise<Verdict> => {
  const value = await quotaValue(context, sum);
  const summary = `The account may run ${value} ${sum.what}; the pools need ${sum.spares} for their spares, and ${sum.cap} at their caps.`;
  if (value < sum.spares) return fail(summary, increaseCommand(context, sum, sum.cap));
  return value < sum.cap ? warn(summary, increaseCommand(context, sum, sum.cap)) : ok(summary);
};

export const vmQuotas: Check = {
  name: 'quotas',
  when: 'before',
  queries: 'aws',
  run: async (context) => {
    const { vmPools } = context.settings;
    if (vmPools.length === 0) return [];
    const InstanceTypes = [...new Set(vmPools.flatMap(({ instanceTypes }) => instanceTypes))] as _InstanceType[];
    const Filters = [{ Name: 'instance-type', Values: InstanceTypes }];
    const { InstanceTypes: found = [] } = await context.aws.ec2.send(new DescribeInstanceTypesCommand({ Filters }));
    const vcpus = found.map(({ InstanceType, VCpuInfo }) => [InstanceType ?? '', VCpuInfo?.DefaultVCpus ?? 0]);
    return Promise.all(vcpusOf(vmPools, Object.fromEntries(vcpus)).map((sum) => judge(context, sum)));
  },
};
