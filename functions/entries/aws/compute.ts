import type { ComputeKind } from '../../../compute/kind.ts';
import { type ComputeRegistry, computeRegistry } from '../../../compute/registry.ts';
import { readVariables } from '../../../contracts/environment.ts';
import type { Rules } from '../../../core/rules.ts';
import { awsVms } from './ec2.ts';
import { awsKubernetes } from './kubernetes.ts';

/** A maker checks the settings itself. */
const makers: Record<string, (settings: unknown, rules: Rules) => ComputeKind<unknown>> = {
  'kubernetes-pod': awsKubernetes,
  'ec2-vm': awsVms,
};

/** The kinds of compute that are installed. Throws when a setting is wrong or names a kind that there is not. */
export const awsCompute = (rules: Rules): ComputeRegistry => {
  const { BERTH_COMPUTE } = readVariables(process.env, ['BERTH_COMPUTE']);
  const kinds = Object.entries(BERTH_COMPUTE).map(([name, settings]) => {
    const make = makers[name];
    if (make !== undefined) return make(settings, rules);
    throw new Error(`BERTH_COMPUTE names the kind "${name}"; there are ${Object.keys(makers).join(', ')}.`);
  });
  return computeRegistry(kinds);
};
