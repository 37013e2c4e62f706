import type { SharedWorkspace } from '../../../contracts/workspaces/sharing.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { table } from '../../io/format.ts';
import { fetchAllPages } from '../../io/pages.ts';
import { connect, type Options } from '../../server/connect.ts';
import { statusText, stopsIn } from '../../text/workspace-text.ts';

export const ls = async (options: Options & { all?: boolean }): Promise<void> => {
  const cli = connect(options);
  const owner = options.all ? 'everyone' : 'me';
  const workspaces = await fetchAllPages((query) => cli.client.listWorkspaces({ query: { ...query, owner } }));
  if (workspaces.length === 0) cli.note('No workspaces yet. Create one with: berth create NAME --template TEMPLATE');
  const now = new Date();
  const row = (workspace: Workspace) => [
    ...(options.all ? [workspace.owner.name] : []),
    workspace.name,
    statusText(workspace),
    `${workspace.template.name}@${workspace.template.version}`,
    stopsIn(workspace, now),
  ];
  const header = [...(options.all ? ['OWNER'] : []), 'NAME', 'STATUS', 'TEMPLATE', 'STOPS'];
  cli.print(workspaces, () => (workspaces.length === 0 ? '' : table(header, workspaces.map(row))));
};

const sharedRows = ({ name, owner, status, workspace, apps, ports }: SharedWorkspace): string[][] => {
  const start = [`${owner.name}/${name}`, status];
  return [
    ...(workspace === undefined ? [] : [[...start, 'the workspace', '']]),
    ...apps.map(({ displayName, url }) => [...start, displayName, url]),
    ...ports.map(({ port, url }) => [...start, `port ${port}`, url]),
  ];
};

/** Lists what others share with the user, one line per workspace, app or port. */
export const listShared = async (options: Options): Promise<void> => {
  const cli = connect(options);
  const shared = await fetchAllPages((query) => cli.client.listShared({ query }));
  if (shared.length === 0) cli.note('Nothing is shared with you.');
  cli.print(shared, () =>
    shared.length === 0 ? '' : table(['WORKSPACE', 'STATUS', 'SHARED', 'URL'], shared.flatMap(sharedRows)),
  );
};
