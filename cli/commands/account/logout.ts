import { CliError } from '../../io/errors.ts';
import { type Options, outputOf } from '../../io/output.ts';
import { berthUrl, parseServerUrl } from '../../server/connect.ts';
import { type Credential, type Credentials, updateCredentials } from '../../sign-in/store.ts';

/** Revokes a sign-in at its provider and deletes the stored credential. */
export const logout = async (address: string | undefined, options: Options): Promise<void> => {
  const url = address === undefined ? berthUrl() : parseServerUrl(address);
  const output = outputOf(options);
  const credential = await updateCredentials(async (before) => ({
    result: before.berths[url],
    after: without(before, url),
  }));
  const warning = credential && (await revokeCredential(credential));
  if (warning !== undefined) output.note(warning);
  if (process.env['BERTH_TOKEN']) output.note('BERTH_TOKEN is still set. Unset it to stop using its token.');
  const text = credential === undefined ? `You were not signed in to ${url}.` : `You are signed out of ${url}.`;
  output.print({ url, wasSignedIn: credential !== undefined }, () => `${text}\n`);
};

const without = ({ current, berths }: Credentials, url: string): Credentials => ({
  ...(current === undefined || current === url ? {} : { current }),
  berths: Object.fromEntries(Object.entries(berths).filter(([other]) => other !== url)),
});

/** Revokes the credential. Returns the reason if it stays valid, as a note: sign-out deletes the local copy anyway. */
const revokeCredential = async (credential: Credential): Promise<string | undefined> => {
  if (credential.by === 'token') return 'The API token stays valid. Revoke it with: berth tokens rm ID';
  const { revoke } = await import('../../sign-in/provider.ts');
  try {
    return (await revoke(credential))
      ? undefined
      : 'The identity provider cannot revoke the sign-in. It ends when it expires.';
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return `The credential was deleted, but the identity provider did not revoke it. ${error.message}`;
  }
};
