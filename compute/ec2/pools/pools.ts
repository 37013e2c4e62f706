import type { VmPools } from '../../../core/ports/vm-pools.ts';
import { createContext, type Ec2VmOptions } from '../context.ts';
import { collectGarbage } from './garbage-collect.ts';
import { resizePool } from './resize-pool.ts';

export const ec2VmPools = (options: Ec2VmOptions): VmPools => {
  const context = createContext(options);
  return {
    kind: 'ec2-vm',
    all: options.settings.pools,
    resize: (pool) => resizePool(context, pool),
    collectGarbage: (cursor) => collectGarbage(context, cursor),
  };
};
