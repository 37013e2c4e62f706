import { createHash } from 'node:crypto';
import { BerthError } from '../../errors.ts';
import type { Change, Key, Table } from '../../ports/table.ts';
import { ItemKind } from '../../table/item-kind.ts';

/** One day: clients retry within minutes, and the table should not grow without a limit. */
const retentionMs = 86_400_000;

export interface IdempotentRequest {
  personId: string;
  key: string;
  /** Route and body, which must be equal for the stored response to be reused. */
  fingerprint: string;
}

interface StoredResponse {
  fingerprint: string;
  answer: string;
}

export const responseItems = new ItemKind<StoredResponse>('remembered response', {
  fingerprint: 'string',
  answer: 'string',
});

export const fingerprintOf = (route: string, params: unknown, body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([route, params, body]))
    .digest('base64url');

const keyOf = ({ personId, key }: IdempotentRequest): Key => ({
  pk: `idempotency#${personId}`,
  sk: createHash('sha256').update(key).digest('base64url'),
});

/**
 * Returns the stored response for this idempotency key, if any. Throws `idempotency_mismatch` if the key was used with
 * another request.
 */
export const recall = async (table: Table, request: IdempotentRequest): Promise<unknown> => {
  const item = await table.get(keyOf(request));
  if (item === undefined) return undefined;
  const stored = responseItems.read(item);
  if (stored.fingerprint !== request.fingerprint) {
    throw new BerthError(
      'idempotency_mismatch',
      'This Idempotency-Key was used for another request. Use a new key for a new request.',
      { field: 'Idempotency-Key' },
    );
  }
  return JSON.parse(stored.answer);
};

/** Stores a response in the same transaction as its effect, so that one key has one effect. */
export const remember = (request: IdempotentRequest, response: unknown, now: Date): Change => {
  const item = responseItems.item(keyOf(request), {
    fingerprint: request.fingerprint,
    answer: JSON.stringify(response),
    expires: Math.floor((now.getTime() + retentionMs) / 1000),
  });
  return { put: item, when: { absent: true } };
};
