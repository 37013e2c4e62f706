import { sanitizeLine } from '../../../base/sanitize.ts';
import { durationMs } from '../../../contracts/values/duration.ts';
import type { Share } from '../../../contracts/workspaces/sharing.ts';
import { usageError } from '../../io/errors.ts';
import { dateTime, table } from '../../io/format.ts';
import { connect, type Options } from '../../server/connect.ts';
import { shareRecipientText, shareTargetText } from '../../text/share-text.ts';

interface AddOptions extends Options {
  app?: string;
  port?: number;
  workspace?: boolean;
  with?: string;
  group?: string;
  everyone?: boolean;
  expires?: string;
}

/** Returns the only option that is set; throws a usage error if it is not exactly one. */
const oneOf = <T>(values: readonly (T | undefined)[], problem: string): T => {
  const [one, ...more] = values.filter((each) => each !== undefined);
  if (one !== undefined && more.length === 0) return one;
  throw usageError(problem);
};

const targetOf = ({ app, port, workspace }: AddOptions) =>
  oneOf(
    [
      app === undefined ? undefined : { kind: 'app' as const, app },
      port === undefined ? undefined : { kind: 'port' as const, port },
      workspace ? { kind: 'workspace' as const } : undefined,
    ],
    'Specify what to share with one of --app NAME, --port NUMBER and --workspace.',
  );

const recipientOf = ({ with: person, group, everyone }: AddOptions) =>
  oneOf(
    [
      person === undefined ? undefined : { kind: 'person' as const, person },
      group === undefined ? undefined : { kind: 'group' as const, group },
      everyone ? { kind: 'everyone' as const } : undefined,
    ],
    'Specify whom to share with, using one of --with PERSON, --group NAME and --everyone.',
  );

const expiryOf = (text: string | undefined): { expiresAt?: string } => {
  if (text === undefined) return {};
  if (/^[1-9][0-9]{0,4}(m|h|d)$/.test(text)) {
    return { expiresAt: new Date(Date.now() + durationMs(text)).toISOString() };
  }
  throw usageError(`Invalid duration "${sanitizeLine(text)}". Use one such as 90m, 8h or 7d.`);
};

const row = (share: Share): string[] => [
  share.id,
  shareTargetText(share),
  shareRecipientText(share),
  share.expiresAt === undefined ? '' : dateTime(share.expiresAt),
  share.inactive ?? share.url ?? '',
];

export const listShares = async (workspace: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const { items } = await cli.client.listShares({ params: { workspace } });
  if (items.length === 0)
    cli.note(`The workspace is not shared. Share it with: berth share add ${sanitizeLine(workspace)}`);
  cli.print(items, () =>
    items.length === 0 ? '' : table(['ID', 'SHARED', 'WITH', 'EXPIRES', 'URL OR STATUS'], items.map(row)),
  );
};

export const addShare = async (workspace: string, options: AddOptions): Promise<void> => {
  const body = { what: targetOf(options), with: recipientOf(options), ...expiryOf(options.expires) };
  const cli = connect(options);
  const share = await cli.client.createShare({ params: { workspace }, body });
  const until = share.expiresAt === undefined ? '' : ` until ${dateTime(share.expiresAt)}`;
  cli.print(
    share,
    () =>
      `${sanitizeLine(`Shared ${shareTargetText(share)} with ${shareRecipientText(share)}${until} (${share.id}).`)}\n`,
  );
  if (share.url !== undefined) cli.note(`URL: ${share.url}`);
};

export const removeShare = async (workspace: string, share: string, options: Options): Promise<void> => {
  const cli = connect(options);
  await cli.client.revokeShare({ params: { workspace, share } });
  cli.print({ id: share }, () => `Share ${sanitizeLine(share)} is revoked.\n`);
};
