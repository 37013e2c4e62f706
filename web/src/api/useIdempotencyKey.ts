import { useRef } from 'react';
import { newIdempotencyKey } from './client.ts';

/**
 * The idempotency key of a form: the same while the body is the same, so that a double click, or a retry after a lost
 * response, creates one workspace; a new one when the body changes, because the server rejects a key used twice.
 */
export const useIdempotencyKey = (): ((body: unknown) => string) => {
  const last = useRef({ sent: '', key: '' });
  return (body) => {
    const sent = JSON.stringify(body);
    if (last.current.sent !== sent) last.current = { sent, key: newIdempotencyKey() };
    return last.current.key;
  };
};
