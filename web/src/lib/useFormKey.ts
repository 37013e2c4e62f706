import { useRef } from 'react';
import { newIdempotencyKey } from '../api/client.ts';

/**
 * The idempotency key of a form: the same as long as what is sent is the same, so that a double click or a second try
 * after a lost answer makes one thing; another once it was changed, as the server refuses one key for two requests.
 */
export const useFormKey = (): ((body: unknown) => string) => {
  const last = useRef({ sent: '', key: '' });
  return (body) => {
    const sent = JSON.stringify(body);
    if (last.current.sent !== sent) last.current = { sent, key: newIdempotencyKey() };
    return last.current.key;
  };
};
