import { ec2VmPools } from '../../../compute/ec2/pools.ts';
import { readVariables } from '../../../contracts/environment.ts';
import type { PoolRuntime } from '../../schedule/pools.ts';
import { log } from '../log.ts';
import { awsVmOptions } from './ec2.ts';
import { awsRules } from './table.ts';

export const poolRuntime = (): PoolRuntime => {
  const { BERTH_COMPUTE } = readVariables(process.env, ['BERTH_COMPUTE']);
  const rules = awsRules();
  return { pools: ec2VmPools(awsVmOptions(BERTH_COMPUTE['ec2-vm'], rules)), clock: rules.clock, log };
};
