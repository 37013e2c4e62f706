import type { Workspace } from '../../../contracts/workspaces/workspace.ts';

type Named = Pick<Workspace, 'name' | 'owner'>;

/** The name in the portal and on the command line; another person's workspace with its owner: `ada/demo`. */
export const fullName = ({ name, owner }: Named, own: boolean): string => (own ? name : `${owner.name}/${name}`);

/**
 * The host name that `berth config-ssh` configures. Does not use `workspaceLabel`, whose module would load the schemas
 * with the list of workspaces (decision 0023).
 */
export const sshHost = ({ name, owner }: Named, own: boolean): string =>
  `${own ? name : `${name}--${owner.name}`}.berth`;

/** Opens a folder over SSH in VS Code; `home` is a plain path (contracts/agent/wire.ts). */
export const vsCodeLink = (host: string, home: string): string =>
  `vscode://vscode-remote/ssh-remote+${host}${encodeURI(home)}?windowId=_blank`;
