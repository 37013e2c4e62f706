import { durationMs } from '../../../contracts/values/duration.ts';
import type { Share } from '../../../contracts/workspaces/sharing.ts';
import { usageError } from '../../io/failure.ts';
import { moment, table } from '../../io/format.ts';
import { harmless } from '../../io/harmless.ts';
import { connect, type Options } from '../../server/connect.ts';
import { whatText, withText } from '../../text/share-text.ts';

export interface AddOptions extends Options {
  app?: string;
  port?: number;
  workspace?: boolean;
  with?: string;
  group?: string;
  everyone?: boolean;
  expires?: string;
}

/** Returns the only option that is set; throws a usage error if it is not exactly one. */
const oneOf = <T>(wanted: readonly (T | undefined)[], problem: string): T => {
  const [one, ...more] = wanted.filter((each) => each !== undefined);
  if (one !== undefined && more.length === 0) return one;
  throw usageError(problem);
};

const whatOf = ({ app, port, workspace }: AddOptions) =>
  oneOf(
    [
      app === undefined ? undefined : { kind: 'app' as const, app },
      port === undefined ? undefined : { kind: 'port' as const, port },
      workspace ? { kind: 'workspace' as const } : undefined,
    ],
    'Say what to share: one of --app NAME, --port NUMBER and --workspace.',
  );

const withOf = ({ with: person, group, everyone }: AddOptions) =>
  oneOf(
    [
      person === undefined ? undefined : { kind: 'person' as const, person },
      group === undefined ? undefined : { kind: 'group' as const, group },
      everyone ? { kind: 'everyone' as const } : undefined,
    ],
    'Say with whom: one of --with PERSON, --group NAME and --everyone.',
  );

const expiryOf = (text: string | undefined): { expiresAt?: string } => {
  if (text === undefined) return {};
  if (/^[1-9][0-9]{0,4}(m|h|d)$/.test(text)) {
    return { expiresAt: new Date(Date.now() + durationMs(text)).toISOString() };
  }
  throw usageError(`"${harmless(text)}" is no time after which a share could end. Write one like 90m, 8h or 7d.`);
};

const row = (share: Share): string[] => [
  share.id,
  whatText(share),
  withText(share),
  share.expiresAt === undefined ? '' : moment(share.expiresAt),
  share.inactive ?? share.url ?? '',
];

export const listShares = async (workspace: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const { items } = await cli.client.listShares({ params: { workspace } });
  if (items.length === 0) cli.note(`It is shared with nobody. Share it with: berth share add ${harmless(workspace)}`);
  cli.print(items, () =>
    items.length === 0
      ? ''
      : table(['ID', 'WHAT', 'WITH', 'UNTIL', 'ADDRESS, OR WHY IT GIVES NOTHING'], items.map(row)),
  );
};

export const addShare = async (workspace: string, options: AddOptions): Promise<void> => {
  const body = { what: whatOf(options), with: withOf(options), ...expiryOf(options.expires) };
  const cli = connect(options);
  const share = await cli.client.createShare({ params: { workspace }, body });
  const until = share.expiresAt === undefined ? '' : ` until ${moment(share.expiresAt)}`;
  cli.print(
    share,
    () => `${harmless(`${whatText(share)} is shared with ${withText(share)}${until} (${share.id}).`)}\n`,
  );
  if (share.url !== undefined) cli.note(`Hand on its address: ${share.url}`);
};

export const removeShare = async (workspace: string, share: string, options: Options): Promise<void> => {
  const cli = connect(options);
  await cli.client.revokeShare({ params: { workspace, share } });
  cli.print({ id: share }, () => `Share ${harmless(share)} is taken back.\n`);
};
