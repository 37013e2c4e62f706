import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sealer } from '../../core/ports/sealer.ts';

interface OpenSealer {
  sealer: Sealer;
  /** The same adapter of another installation. */
  another: Sealer;
  close(): Promise<void>;
}

/** The contract of every adapter of the sealer port. */
export const sealerContract = (name: string, given: () => Promise<OpenSealer>): void => {
  describe(`sealer contract: ${name}`, () => {
    let opened: OpenSealer;
    let sealer: Sealer;
    beforeAll(async () => {
      opened = await given();
      sealer = opened.sealer;
    });
    afterAll(() => opened?.close());

    const secret = Buffer.from('the private half');
    const context = { purpose: 'git-key', person: 'p-ada' };

    it.each([1, 48, 4_096])('opens a sealed secret of %i bytes unchanged', async (length) => {
      const plaintext = randomBytes(length);
      const sealed = await sealer.seal(plaintext, context);
      expect(Buffer.from(await sealer.open(sealed, context)).equals(plaintext)).toBe(true);
    });

    it('reveals nothing of the secret, and never seals to the same text twice', async () => {
      const [one, other] = [await sealer.seal(secret, context), await sealer.seal(secret, context)];
      expect(one).not.toBe(other);
      expect(one).toMatch(/^[\x21-\x7e]+$/);
      for (const encoding of ['utf8', 'base64url', 'hex'] as const)
        expect(one).not.toContain(secret.toString(encoding));
    });

    it('accepts the pairs of a context in any order', async () => {
      const sealed = await sealer.seal(secret, { purpose: 'git-key', person: 'p-ada' });
      await expect(sealer.open(sealed, { person: 'p-ada', purpose: 'git-key' })).resolves.toBeDefined();
    });

    it.each([
      { purpose: 'git-key', person: 'p-linus' },
      { purpose: 'git-key' },
      { purpose: 'git-key', person: 'p-ada', more: 'x' },
      { person: 'git-key', purpose: 'p-ada' },
    ])('does not open with another context: %o', async (wrong) => {
      const sealed = await sealer.seal(secret, context);
      await expect(sealer.open(sealed, wrong as typeof context)).rejects.toThrow();
    });

    it('does not seal with an empty context', async () => {
      await expect(sealer.seal(secret, {})).rejects.toThrow('context');
    });

    it('does not open changed, truncated or unsealed text', async () => {
      const sealed = await sealer.seal(secret, context);
      const middle = Math.floor(sealed.length / 2);
      const other = sealed[middle] === 'A' ? 'B' : 'A';
      const forged = [
        sealed.slice(0, middle) + other + sealed.slice(middle + 1),
        sealed.slice(0, -8),
        sealed.slice(0, sealed.indexOf('.') + 1),
        'local1.AAAA',
        'kms1.AAAA',
        '',
      ];
      for (const text of forged) await expect(sealer.open(text, context), text).rejects.toThrow();
    });

    it('does not open a secret of another installation', async () => {
      const sealed = await opened.another.seal(secret, context);
      await expect(opened.another.open(sealed, context)).resolves.toBeDefined();
      await expect(sealer.open(sealed, context)).rejects.toThrow();
    });
  });
};
