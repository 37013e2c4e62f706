import { type Client, createClient } from '../contracts/client.ts';
import { readUrl, tokenFor, unreachable } from './address.ts';
import { type Options, type Output, outputOf } from './output.ts';
import { readCredentials } from './sign-in/store.ts';

/** What every command works with. */
export interface Cli extends Output {
  client: Client;
  url: string;
  /** The token to show Berth now; renewed when needed. Throws what to do when nobody is signed in. */
  token(): Promise<string>;
}

export { readUrl, tokenFor, unreachable } from './address.ts';
export type { Options } from './output.ts';

/** The Berth that is meant: BERTH_URL, else the one that was signed in to last, else one on this machine. */
export const berthUrl = (): string =>
  readUrl(process.env['BERTH_URL'] || readCredentials().current || 'http://localhost:8080');

/** What may be sent again without having an effect twice. */
const isRepeatable = (init: RequestInit | undefined): boolean =>
  init?.method !== 'POST' || new Headers(init.headers).has('idempotency-key');

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** `fetch` that tries again for a while when the connection fails. It waits 100 ms, then twice as long each time. */
export const patientFetch =
  (url: string, patienceMs: number): typeof fetch =>
  async (input, init) => {
    const deadline = Date.now() + patienceMs;
    for (let pause = 100; ; pause = Math.min(2 * pause, 1_000)) {
      try {
        return await fetch(input, init);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        if (!isRepeatable(init) || Date.now() + pause > deadline) throw unreachable(url);
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
    client: createClient({ baseUrl: url, token, fetch: patientFetch(url, patienceMs) }),
    url,
    token,
  };
};
