import { awsClient } from '../../../../adapters/aws-client.ts';
import { type InstalledKind, installKinds, type KindDependencies } from '../../../../compute/installable-kind.ts';
import { installableKinds } from '../../../../compute/kinds.ts';
import { computeRegistry } from '../../../../compute/registry.ts';
import { readVariables } from '../../../../contracts/settings/environment.ts';
import type { ComputeKinds } from '../../../../core/ports/compute-kind.ts';
import type { Rules } from '../../../../core/rules.ts';
import { defaultProvider } from '../credentials.ts';

/** The compute kinds that the settings of the deployment install. */
export const installedKinds = (): InstalledKind[] =>
  installKinds(installableKinds, readVariables(process.env, ['BERTH_COMPUTE']).BERTH_COMPUTE);

export const kindDependencies = ({ table, clock }: Rules): KindDependencies => ({
  table,
  clock,
  aws: { clientSettings: awsClient, credentials: defaultProvider() },
});

export const awsCompute = (rules: Rules): ComputeKinds =>
  computeRegistry(installedKinds().map((kind) => kind.open(kindDependencies(rules))));
