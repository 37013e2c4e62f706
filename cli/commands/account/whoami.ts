import { dateTime, fieldList } from '../../io/format.ts';
import { connect, type Options } from '../../server/connect.ts';
import { credentialsFile, readCredentials } from '../../sign-in/store.ts';

/** The source of the credential, which explains most cases of an unexpected identity. */
const signedInBy = (url: string): { by: 'BERTH_TOKEN' | 'token' | 'browser'; text: string } => {
  if (process.env['BERTH_TOKEN']) return { by: 'BERTH_TOKEN', text: 'the token in BERTH_TOKEN' };
  const credential = readCredentials().berths[url];
  if (credential?.by !== 'browser') return { by: 'token', text: `the API token in ${credentialsFile()}` };
  const until =
    credential.refreshToken === undefined ? `, until ${dateTime(new Date(credential.expiresAt).toISOString())}` : '';
  return { by: 'browser', text: `your browser, stored in ${credentialsFile()}${until}` };
};

export const whoami = async (options: Options): Promise<void> => {
  const cli = connect(options);
  const me = await cli.client.me();
  const { by, text } = signedInBy(cli.url);
  cli.print({ ...me, url: cli.url, signedInBy: by }, () =>
    fieldList([
      ['Name', me.name],
      ['Full name', me.displayName],
      ['Email', me.email],
      ['Roles', me.roles.join(', ')],
      ['Groups', me.groups.join(', ')],
      ['Berth', cli.url],
      ['Signed in with', text],
    ]),
  );
};
