import { addresses } from '../contracts/addresses.ts';
import { type Client, clientOf } from '../contracts/calls.ts';
import { berthUrl, tokenFor, unreachable } from './address.ts';
import { type Options, type Output, outputOf } from './output.ts';

/** What every command works with. */
export interface Cli extends Output {
  client: Client;
  url: string;
  /** The token to show Berth now; renewed when needed. Throws what to do when nobody is signed in. */
  token(): Promise<string>;
}

export { berthUrl, isToken, readUrl, tokenFor } from './address.ts';
export type { Options } from './output.ts';

/** What may be sent again without having an effect twice. */
const isRepeatable = (init: RequestInit | undefined): boolean =>
  init?.method !== 'POST' || new Headers(init.headers).has('idempotency-key');

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** As long as API Gateway, in front of a deployed Berth, waits itself. */
const longestAnswerMs = 30_000;

/**
 * `fetch` that tries again, once and then for a while, when the connection fails: after 100 ms, then twice as long each
 * time. Who takes a connection and does not answer is not asked again.
 */
export const patientFetch =
  (url: string, patienceMs: number, answerMs = longestAnswerMs): typeof fetch =>
  async (input, init) => {
    const deadline = Date.now() + patienceMs;
    for (let pause = 100, first = true; ; pause = Math.min(2 * pause, 1_000), first = false) {
      try {
        const late = AbortSignal.timeout(answerMs);
        return await fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, late]) : late });
      } catch (error) {
        if (error instanceof DOMException && error.name === 'TimeoutError') throw unreachable(url);
        if (!(error instanceof TypeError)) throw error;
        if (!isRepeatable(init) || (!first && Date.now() + pause > deadline)) throw unreachable(url);
        await wait(pause);
      }
    }
  };

/** Long enough for a server that starts again, once a command waits for something anyway. */
export const waitingPatienceMs = 20_000;

/** Reads the environment and what is kept; asks the server nothing. */
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
