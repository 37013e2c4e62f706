/** The purpose and owner of a sealed secret, at least one pair. Not secret itself: KMS logs it (encryption context). */
export type SealContext = Readonly<Record<string, string>>;

/**
 * Encrypts small secrets for the table, each bound to its context. Code that only seals is handed `seal` alone, code
 * that only opens is handed `open` alone.
 */
export interface Sealer {
  /** At most 4,096 bytes, KMS's limit. Returns ASCII text, different each time. */
  seal(plaintext: Uint8Array, context: SealContext): Promise<string>;
  /** Throws for a secret that was changed, or was sealed with another context or by another installation. */
  open(sealed: string, context: SealContext): Promise<Uint8Array>;
}
