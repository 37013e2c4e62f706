import { addresses } from '../../contracts/client/addresses.ts';
import { type Client, clientOf } from '../../contracts/client/calls.ts';
import { networkFetch } from '../io/network.ts';
import { type Options, type Output, outputOf } from '../io/output.ts';
import { berthUrl, tokenFor, unreachable } from './address.ts';

/** The context of a command. */
export interface Cli extends Output {
  client: Client;
  url: string;
  /** Returns a valid access token, refreshed if necessary. Throws an error with the remedy if nobody is signed in. */
  token(): Promise<string>;
}

export type { Options } from '../io/output.ts';
export { berthUrl, isToken, readUrl, tokenFor } from './address.ts';

/** Whether the request can be repeated without a second effect. */
const isRepeatable = (init: RequestInit | undefined): boolean =>
  init?.method !== 'POST' || new Headers(init.headers).has('idempotency-key');

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The longest integration timeout of API Gateway, which is in front of a deployed Berth. */
const longestAnswerMs = 30_000;

/**
 * `fetch` that retries a repeatable request when the connection fails, at least once and until `patienceMs` is over:
 * after 100 ms, then with doubled delays up to 1 s. It does not retry after a response timeout.
 */
export const patientFetch =
  (url: string, patienceMs: number, answerMs = longestAnswerMs): typeof fetch =>
  async (input, init) => {
    const deadline = Date.now() + patienceMs;
    for (let pause = 100, first = true; ; pause = Math.min(2 * pause, 1_000), first = false) {
      try {
        const late = AbortSignal.timeout(answerMs);
        return await networkFetch(input, {
          ...init,
          signal: init?.signal ? AbortSignal.any([init.signal, late]) : late,
        });
      } catch (error) {
        if (error instanceof DOMException && error.name === 'TimeoutError') throw unreachable(url);
        if (!(error instanceof TypeError)) throw error;
        if (!isRepeatable(init) || (!first && Date.now() + pause > deadline)) throw unreachable(url);
        await wait(pause);
      }
    }
  };

/** For commands that wait anyway: long enough for the server to restart. */
export const waitingPatienceMs = 20_000;

/** Reads the environment and the stored credentials. It makes no request. */
export const connect = (options: Options, patienceMs = 500): Cli => {
  const url = berthUrl();
  const token = () => tokenFor(url);
  return {
    ...outputOf(options),
    client: clientOf(addresses, { baseUrl: url, token, fetch: patientFetch(url, patienceMs) }),
    url,
    token,
  };
};
