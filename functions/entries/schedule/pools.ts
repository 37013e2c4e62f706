import { maintainPools } from '../../schedule/pools.ts';
import { poolRuntime } from '../aws/compute/pools.ts';
import { logged } from '../log.ts';

const runtime = poolRuntime();

export const handler = logged(() => maintainPools(runtime));
