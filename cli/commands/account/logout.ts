import { CliError } from '../../io/failure.ts';
import { type Options, outputOf } from '../../io/output.ts';
import { berthUrl, readUrl } from '../../server/connect.ts';
import { type Credentials, changeCredentials, type SignedIn } from '../../sign-in/store.ts';

/** Revokes a sign-in at its provider and deletes the stored credential. */
export const logout = async (address: string | undefined, options: Options): Promise<void> => {
  const url = address === undefined ? berthUrl() : readUrl(address);
  const output = outputOf(options);
  const kept = await changeCredentials(async (before) => ({
    answer: before.berths[url],
    after: without(before, url),
  }));
  const warning = kept && (await takeBack(kept));
  if (warning !== undefined) output.note(warning);
  if (process.env['BERTH_TOKEN']) output.note('BERTH_TOKEN is still set, and is used.');
  const text = kept === undefined ? `You were not signed in at ${url}.` : `You are signed out at ${url}.`;
  output.print({ url, wasSignedIn: kept !== undefined }, () => `${text}\n`);
};

const without = ({ current, berths }: Credentials, url: string): Credentials => ({
  ...(current === undefined || current === url ? {} : { current }),
  berths: Object.fromEntries(Object.entries(berths).filter(([other]) => other !== url)),
});

/** Revokes the credential. Returns the reason if it stays valid, as a note: sign-out deletes the local copy anyway. */
const takeBack = async (kept: SignedIn): Promise<string | undefined> => {
  if (kept.by === 'token') return 'The API token itself stays valid. Revoke it with: berth tokens rm ID';
  const { revoke } = await import('../../sign-in/provider.ts');
  try {
    return (await revoke(kept)) ? undefined : 'The provider cannot take a sign-in back; it ends by itself.';
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return `It is forgotten here, but the provider did not take it back. ${error.message}`;
  }
};
