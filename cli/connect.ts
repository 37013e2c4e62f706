import { type Client, createClient } from '../contracts/client.ts';
import { exitCodes } from './exit-codes.ts';
import { CliError, signInHint, usageError } from './failure.ts';

/** What every command works with. */
export interface Cli {
  client: Client;
  url: string;
  token: string;
  json: boolean;
  /** Results. */
  out: NodeJS.WriteStream;
  /** Progress, hints and errors. */
  err: NodeJS.WriteStream;
  /** One JSON value, or the text for people. */
  print(value: unknown, text: () => string): void;
  note(text: string): void;
}

export interface Options {
  json?: boolean;
}

export const readUrl = (text = 'http://localhost:8080'): string => {
  const url = URL.parse(text);
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) return url.href.replace(/\/+$/, '');
  throw usageError(`BERTH_URL is "${text}", which is no address. Set it to one like http://localhost:8080.`);
};

export const unreachable = (url: string): CliError =>
  new CliError(
    'internal',
    `Berth does not answer at ${url}. Start it with npm start, or set BERTH_URL.`,
    exitCodes.failed,
  );

/** What may be sent again without having an effect twice. */
const isRepeatable = (init: RequestInit | undefined): boolean =>
  init?.method !== 'POST' || new Headers(init.headers).has('idempotency-key');

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** `fetch` that tries again for a while when the connection fails. It waits 100 ms, then twice as long each time. */
const patientFetch =
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

/** Reads the environment; asks the server nothing. */
export const connect = (options: Options, patienceMs = 500): Cli => {
  const url = readUrl(process.env['BERTH_URL'] || undefined);
  const token = process.env['BERTH_TOKEN'];
  if (!token) throw new CliError('unauthenticated', `You are not signed in. ${signInHint}`, exitCodes.notSignedIn);
  const { stdout: out, stderr: err } = process;
  const json = options.json === true;
  return {
    client: createClient({ baseUrl: url, token: () => token, fetch: patientFetch(url, patienceMs) }),
    url,
    token,
    json,
    out,
    err,
    print: (value, text) => void out.write(json ? `${JSON.stringify(value)}\n` : text()),
    note: (text) => void (json || err.write(`${text}\n`)),
  };
};
