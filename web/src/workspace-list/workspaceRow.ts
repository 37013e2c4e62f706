import type { SharedWorkspace } from '../../../contracts/workspaces/sharing.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';

/** A row of the list. `workspace` is missing if only apps or ports of another person's workspace are shared. */
export type WorkspaceRow = SharedWorkspace;

export const rowOf = (workspace: Workspace): WorkspaceRow => ({ ...workspace, ports: [], workspace });
