import type { ComputeKind } from '../../../compute/kind.ts';
import { type ComputeRegistry, computeRegistry } from '../../../compute/registry.ts';
import type { Rules } from '../../../core/rules.ts';
import { awsVms } from './ec2.ts';
import { installedKinds } from './installed-kinds.ts';
import { awsKubernetes } from './kubernetes.ts';

/** A maker checks the settings itself. */
const makers: Record<string, (settings: unknown, rules: Rules) => ComputeKind<unknown>> = {
  'kubernetes-pod': awsKubernetes,
  'ec2-vm': awsVms,
};

/** The kinds of compute that are installed. Throws when a setting is wrong or names a kind that there is not. */
export const awsCompute = (rules: Rules): ComputeRegistry => {
  const kinds = installedKinds(makers).map(({ make, settings }) => make(settings, rules));
  return computeRegistry(kinds);
};
