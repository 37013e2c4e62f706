import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { table } from '../../io/format.ts';
import { allOf } from '../../io/pages.ts';
import { connect, type Options } from '../../server/connect.ts';
import { statusText, stopsIn } from '../../text/workspace-text.ts';

export const ls = async (options: Options & { all?: boolean }): Promise<void> => {
  const cli = connect(options);
  const owner = options.all ? 'everyone' : 'me';
  const workspaces = await allOf((query) => cli.client.listWorkspaces({ query: { ...query, owner } }));
  if (workspaces.length === 0) cli.note('No workspaces yet. Make one with: berth create NAME --template TEMPLATE');
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
