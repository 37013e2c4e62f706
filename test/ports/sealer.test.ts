import { expect, it } from 'vitest';
import { localSealer } from '../../adapters/sealer/local.ts';
import { sealerContract } from './sealer.ts';

sealerContract('in this process', async () => ({
  sealer: localSealer('a secret of this installation only'),
  another: localSealer('a secret of another installation!!'),
  close: async () => undefined,
}));

it('a short secret throws', () => {
  expect(() => localSealer('short')).toThrow('32 characters');
});
