import { noJitter } from '../../base/back-off.ts';
import { retry } from '../../base/retry.ts';
import { addresses } from '../../contracts/client/addresses.ts';
import { type Client, clientOf } from '../../contracts/client/calls.ts';
import { networkFetch } from '../io/network.ts';
import { type Options, type Output, outputOf } from '../io/output.ts';
import { berthUrl, tokenFor, unreachableError } from './address.ts';

/** The context of a command. */
export interface Cli extends Output {
  client: Client;
  url: string;
  /**
   * Returns a valid access token, refreshed if necessary. Throws an error with the remedy if there is no valid sign-in.
   */
  token(): Promise<string>;
}

export type { Options } from '../io/output.ts';
export { berthUrl, isToken, parseServerUrl, tokenFor } from './address.ts';

/** Whether the request can be repeated without a second effect. */
const isRepeatable = (init: RequestInit | undefined): boolean =>
  init?.method !== 'POST' || new Headers(init.headers).has('idempotency-key');

/** The longest integration timeout of API Gateway, which is in front of a deployed Berth. */
const responseTimeoutMs = 30_000;

const firstDelayMs = 100;

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';
/** `fetch` throws a TypeError when the connection fails. */
const isConnectionError = (error: unknown): boolean => error instanceof TypeError;

/**
 * `fetch` that retries a repeatable request when the connection fails, at least once and until `retryForMs` is over.
 * It does not retry after a response timeout.
 */
export const fetchWithRetry =
  (url: string, retryForMs: number, timeoutMs = responseTimeoutMs): typeof fetch =>
  async (input, init) => {
    const deadline = Date.now() + retryForMs;
    const attempt = () => {
      const timeout = AbortSignal.timeout(timeoutMs);
      return networkFetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout });
    };
    try {
      return await retry(attempt, {
        firstDelayMs,
        longestDelayMs: 1_000,
        jitter: noJitter,
        isRetryable: (error, { delayMs }) =>
          isConnectionError(error) &&
          isRepeatable(init) &&
          (delayMs === firstDelayMs || Date.now() + delayMs <= deadline),
      });
    } catch (error) {
      throw isTimeout(error) || isConnectionError(error) ? unreachableError(url) : error;
    }
  };

/** For commands that wait for a build: long enough for the server to restart. */
export const waitRetryMs = 20_000;

/** Reads the environment and the stored credentials. It makes no request. */
export const connect = (options: Options, retryForMs = 500): Cli => {
  const url = berthUrl();
  const token = () => tokenFor(url);
  return {
    ...outputOf(options),
    client: clientOf(addresses, { baseUrl: url, token, fetch: fetchWithRetry(url, retryForMs) }),
    url,
    token,
  };
};
