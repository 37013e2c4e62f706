import { ec2VmOptions } from '../../../../compute/ec2/open.ts';
import { ec2VmPools } from '../../../../compute/ec2/pools/pools.ts';
import { readVariables } from '../../../../contracts/settings/environment.ts';
import { VmSettings } from '../../../../contracts/settings/vm.ts';
import type { PoolRuntime } from '../../../schedule/pools.ts';
import { log } from '../../log.ts';
import { awsRules } from '../table.ts';
import { kindDependencies } from './compute.ts';

export const poolRuntime = (): PoolRuntime => {
  const { BERTH_COMPUTE } = readVariables(process.env, ['BERTH_COMPUTE']);
  const rules = awsRules();
  const settings = VmSettings.parse(BERTH_COMPUTE['ec2-vm']);
  return { pools: ec2VmPools(ec2VmOptions(settings, kindDependencies(rules))), rules, log };
};
