import type { SharedWorkspace } from '../../contracts/sharing.ts';
import { connect, type Options } from '../connect.ts';
import { table } from '../format.ts';
import { allOf } from '../pages.ts';

const rows = ({ name, owner, status, workspace, apps, ports }: SharedWorkspace): string[][] => {
  const of = [`${owner.name}/${name}`, status];
  return [
    ...(workspace === undefined ? [] : [[...of, 'all of it', '']]),
    ...apps.map(({ displayName, url }) => [...of, displayName, url]),
    ...ports.map(({ port, url }) => [...of, `port ${port}`, url]),
  ];
};

/** What others share with the person, a line for each thing. */
export const listShared = async (options: Options): Promise<void> => {
  const cli = connect(options);
  const shared = await allOf((query) => cli.client.listShared({ query }));
  if (shared.length === 0) cli.note('Nobody shares a workspace or an app with you.');
  cli.print(shared, () =>
    shared.length === 0 ? '' : table(['WORKSPACE', 'STATUS', 'SHARED', 'ADDRESS'], shared.flatMap(rows)),
  );
};
