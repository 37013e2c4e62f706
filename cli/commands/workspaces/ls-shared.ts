import type { SharedWorkspace } from '../../../contracts/workspaces/sharing.ts';
import { table } from '../../io/format.ts';
import { allOf } from '../../io/pages.ts';
import { connect, type Options } from '../../server/connect.ts';

const rows = ({ name, owner, status, workspace, apps, ports }: SharedWorkspace): string[][] => {
  const of = [`${owner.name}/${name}`, status];
  return [
    ...(workspace === undefined ? [] : [[...of, 'all of it', '']]),
    ...apps.map(({ displayName, url }) => [...of, displayName, url]),
    ...ports.map(({ port, url }) => [...of, `port ${port}`, url]),
  ];
};

/** Lists what others share with the user, one line per workspace, app or port. */
export const listShared = async (options: Options): Promise<void> => {
  const cli = connect(options);
  const shared = await allOf((query) => cli.client.listShared({ query }));
  if (shared.length === 0) cli.note('Nobody shares a workspace or an app with you.');
  cli.print(shared, () =>
    shared.length === 0 ? '' : table(['WORKSPACE', 'STATUS', 'SHARED', 'ADDRESS'], shared.flatMap(rows)),
  );
};
