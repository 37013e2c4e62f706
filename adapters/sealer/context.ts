import type { SealContext } from '../../core/ports/sealer.ts';

/** Serializes a context independently of the order of its pairs; HKDF accepts 1,024 bytes. Throws if it is empty. */
export const contextText = (context: SealContext): string => {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  if (pairs.length === 0) throw new Error('A secret cannot be sealed with an empty context.');
  return JSON.stringify(pairs);
};
