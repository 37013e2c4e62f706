import { type SkeletonCompute, skeletonKind } from '../../compute/skeleton/skeleton.ts';
import { computeContract } from './contract.ts';

computeContract('skeleton', async () => {
  const provider = new Map<string, SkeletonCompute>();
  return {
    kind: skeletonKind(provider),
    reopen: () => skeletonKind(provider),
    spec: {},
    badSpec: { value: { sise: 'small' }, field: 'sise' },
    identity: async (id) => provider.get(id)?.build?.id,
    leftovers: async (id) => [...provider.keys()].filter((key) => key === id),
    close: async () => provider.clear(),
  };
});
