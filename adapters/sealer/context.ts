import type { SealContext } from '../../core/ports.ts';

/** One text per context, whatever the order of its pairs; HKDF takes 1,024 bytes. Throws for an empty one. */
export const contextText = (context: SealContext): string => {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  if (pairs.length === 0) throw new Error('A secret is sealed for something: its context is empty.');
  return JSON.stringify(pairs);
};
