import type { Workspace } from '../../../contracts/workspace.ts';

type Named = Pick<Workspace, 'name' | 'owner'>;

/** How the command line names a workspace: another person's with its owner. */
export const commandName = ({ name, owner }: Named, own: boolean): string => (own ? name : `${name}--${owner.name}`);

/** The host that `berth config-ssh` makes known to OpenSSH. */
export const sshHost = (workspace: Named, own: boolean): string => `${commandName(workspace, own)}.berth`;

/** Opens a folder over SSH in VS Code; `home` is a plain path (contracts/wire.ts). */
export const vsCodeLink = (host: string, home: string): string =>
  `vscode://vscode-remote/ssh-remote+${host}${encodeURI(home)}?windowId=_blank`;
