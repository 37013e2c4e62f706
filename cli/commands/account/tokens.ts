import { sanitizeLine } from '../../../base/sanitize.ts';
import { dateTime, table } from '../../io/format.ts';
import { fetchAllPages } from '../../io/pages.ts';
import { connect, type Options } from '../../server/connect.ts';

export const listTokens = async (options: Options): Promise<void> => {
  const cli = connect(options);
  const tokens = await fetchAllPages((query) => cli.client.listTokens({ query }));
  cli.print(tokens, () =>
    table(
      ['ID', 'NAME', 'CREATED', 'EXPIRES'],
      tokens.map(({ id, name, createdAt, expiresAt }) => [id, name, dateTime(createdAt), dateTime(expiresAt)]),
    ),
  );
};

/** Creates an API token. Only the secret goes to stdout, so that it can be piped without being shown. */
export const createToken = async (name: string, options: Options & { days: number }): Promise<void> => {
  const cli = connect(options);
  const token = await cli.client.createToken({ body: { name, days: options.days } });
  cli.note(
    `Token ${sanitizeLine(token.name)} (${token.id}) is valid until ${dateTime(token.expiresAt)}. Store it now: it is not shown again.`,
  );
  cli.print(token, () => `${token.secret}\n`);
};

export const revokeToken = async (token: string, options: Options): Promise<void> => {
  const cli = connect(options);
  await cli.client.revokeToken({ params: { token } });
  cli.print({ id: token }, () => `Token ${sanitizeLine(token)} is revoked.\n`);
};
