import { text } from 'node:stream/consumers';
import { addresses } from '../../../contracts/client/addresses.ts';
import { clientOf } from '../../../contracts/client/calls.ts';
import { ask } from '../../io/ask.ts';
import { openInBrowser } from '../../io/browser.ts';
import { usageError } from '../../io/failure.ts';
import { harmless } from '../../io/harmless.ts';
import { type Options, type Output, outputOf } from '../../io/output.ts';
import { berthUrl, isToken, patientFetch, readUrl } from '../../server/connect.ts';
import { listenForCallback } from '../../sign-in/callback.ts';
import { beginSignIn, isLoopback } from '../../sign-in/provider.ts';
import { changeCredentials, credentialsFile, type SignedIn } from '../../sign-in/store.ts';

export interface LoginOptions extends Options {
  token?: boolean;
  browser: boolean;
}

const patienceMs = 300_000;

/** Signs in to a server and stores the credential for later commands. */
export const login = async (address: string | undefined, options: LoginOptions): Promise<void> => {
  const url = address === undefined ? berthUrl() : readUrl(address);
  if (new URL(url).protocol === 'http:' && !isLoopback(new URL(url))) {
    throw usageError(`${url} is not encrypted: whoever listens would have your token. Use its https address.`);
  }
  const output = outputOf(options);
  const signedIn = options.token ? await byToken() : await byBrowser(url, output, options.browser);
  const token = signedIn.by === 'token' ? signedIn.token : signedIn.accessToken;
  const { name } = await clientAt(url, token).me();
  await changeCredentials(async (before) => ({
    answer: undefined,
    after: { current: url, berths: { ...before.berths, [url]: signedIn } },
  }));
  if (process.env['BERTH_TOKEN']) output.note('BERTH_TOKEN is set and goes before this; unset it to use this sign-in.');
  output.print({ url, name, by: signedIn.by, file: credentialsFile() }, () => {
    return `You are signed in at ${url} as ${harmless(name)}.\n`;
  });
};

const clientAt = (url: string, token?: string) =>
  clientOf(addresses, { baseUrl: url, token: () => token, fetch: patientFetch(url, 500) });

const byBrowser = async (url: string, output: Output, mayOpen: boolean): Promise<SignedIn> => {
  const config = await clientAt(url).config();
  const callback = await listenForCallback();
  try {
    const attempt = await beginSignIn(config, callback.redirectUri);
    const opened = mayOpen && (await openInBrowser(attempt.url));
    // This is printed with --json too, because the user needs it to continue.
    output.err.write(
      `${opened ? 'Sign in in your browser. If it does not open' : 'Sign in'}, go to\n\n  ${attempt.url}\n\n`,
    );
    const take = (answer: URL) => attempt.finish(answer, Date.now());
    return await callback.wait(attempt.isAnswer, take, patienceMs);
  } finally {
    callback.close();
  }
};

const tokenAsked = 'Paste an API token (it is not shown), and press Enter: ';

const byToken = async (): Promise<SignedIn> => {
  const { stdin } = process;
  const token = (stdin.isTTY ? await ask(tokenAsked, { secret: true }) : await text(stdin))?.trim() ?? '';
  if (isToken(token)) return { by: 'token', token };
  throw usageError('There is no token on stdin. Hand one over, as in: berth login --token < FILE');
};
