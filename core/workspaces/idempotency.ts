import { createHash } from 'node:crypto';
import { BerthError } from '../errors.ts';
import { fromItem, toItem } from '../item.ts';
import type { Change, Key, Table } from '../ports.ts';

/** A day, as clients retry within minutes and a table should forget. */
const keptMs = 86_400_000;

export interface IdempotentRequest {
  personId: string;
  key: string;
  /** Route and body: what must be the same for the same answer. */
  fingerprint: string;
}

interface Remembered {
  fingerprint: string;
  answer: string;
}

export const fingerprintOf = (route: string, params: unknown, body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([route, params, body]))
    .digest('base64url');

const keyOf = ({ personId, key }: IdempotentRequest): Key => ({
  pk: `idempotency#${personId}`,
  sk: createHash('sha256').update(key).digest('base64url'),
});

/**
 * The answer given before to this key, if there is one. The same key with another request is refused with
 * `idempotency_mismatch`.
 */
export const recall = async (table: Table, request: IdempotentRequest): Promise<unknown> => {
  const item = await table.get(keyOf(request));
  if (item === undefined) return undefined;
  const remembered = fromItem<Remembered>(item);
  if (remembered.fingerprint !== request.fingerprint) {
    throw new BerthError(
      'idempotency_mismatch',
      'This Idempotency-Key was used for another request. Use a new key for a new request.',
      { field: 'Idempotency-Key' },
    );
  }
  return JSON.parse(remembered.answer);
};

/** The change that remembers an answer, to go into the transaction of its effect: one key, one effect. */
export const remember = (request: IdempotentRequest, answer: unknown, now: Date): Change => {
  const item = toItem(keyOf(request), {
    fingerprint: request.fingerprint,
    answer: JSON.stringify(answer),
    expires: Math.floor((now.getTime() + keptMs) / 1000),
  });
  return { put: item, when: { absent: true } };
};
