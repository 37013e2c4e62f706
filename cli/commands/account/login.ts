import { text } from 'node:stream/consumers';
import { sanitizeLine } from '../../../base/sanitize.ts';
import { addresses } from '../../../contracts/client/addresses.ts';
import { clientOf } from '../../../contracts/client/calls.ts';
import { openInBrowser } from '../../io/browser.ts';
import { usageError } from '../../io/errors.ts';
import { type Options, type Output, outputOf } from '../../io/output.ts';
import { prompt } from '../../io/prompt.ts';
import { berthUrl, fetchWithRetry, isToken, parseServerUrl } from '../../server/connect.ts';
import { listenForCallback } from '../../sign-in/callback.ts';
import { beginSignIn, isLoopback } from '../../sign-in/provider.ts';
import { type Credential, credentialsFile, updateCredentials } from '../../sign-in/store.ts';

interface LoginOptions extends Options {
  token?: boolean;
  browser: boolean;
}

const signInTimeoutMs = 300_000;

/** Signs in to a server and stores the credential for later commands. */
export const login = async (address: string | undefined, options: LoginOptions): Promise<void> => {
  const url = address === undefined ? berthUrl() : parseServerUrl(address);
  if (new URL(url).protocol === 'http:' && !isLoopback(new URL(url))) {
    throw usageError(`${url} is not encrypted, so others could read your token. Use its https URL.`);
  }
  const output = outputOf(options);
  const credential = options.token
    ? await credentialFromStdin()
    : await signInWithBrowser(url, output, options.browser);
  const token = credential.by === 'token' ? credential.token : credential.accessToken;
  const { name } = await clientAt(url, token).me();
  await updateCredentials(async (before) => ({
    result: undefined,
    after: { current: url, berths: { ...before.berths, [url]: credential } },
  }));
  if (process.env['BERTH_TOKEN']) output.note('BERTH_TOKEN is set and takes precedence. Unset it to use this sign-in.');
  output.print({ url, name, by: credential.by, file: credentialsFile() }, () => {
    return `You are signed in to ${url} as ${sanitizeLine(name)}.\n`;
  });
};

const clientAt = (url: string, token?: string) =>
  clientOf(addresses, { baseUrl: url, token: () => token, fetch: fetchWithRetry(url, 500) });

const signInWithBrowser = async (url: string, output: Output, mayOpen: boolean): Promise<Credential> => {
  const config = await clientAt(url).config();
  const callback = await listenForCallback();
  try {
    const attempt = await beginSignIn(config, callback.redirectUri);
    const opened = mayOpen && (await openInBrowser(attempt.url));
    // This is printed with --json too, because the user needs it to continue.
    output.err.write(
      `${opened ? 'Sign in with your browser. If it does not open, go to' : 'To sign in, go to'}\n\n  ${attempt.url}\n\n`,
    );
    const finish = (redirect: URL) => attempt.finish(redirect, Date.now());
    return await callback.wait(attempt.isRedirect, finish, signInTimeoutMs);
  } finally {
    callback.close();
  }
};

const tokenPrompt = 'Paste an API token (it is not shown) and press Enter: ';

const credentialFromStdin = async (): Promise<Credential> => {
  const { stdin } = process;
  const token = (stdin.isTTY ? await prompt(tokenPrompt, { secret: true }) : await text(stdin))?.trim() ?? '';
  if (isToken(token)) return { by: 'token', token };
  throw usageError('There is no valid token on stdin. Provide one, for example: berth login --token < FILE');
};
