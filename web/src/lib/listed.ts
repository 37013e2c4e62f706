import type { SharedWorkspace } from '../../../contracts/sharing.ts';
import type { Workspace } from '../../../contracts/workspace.ts';

/**
 * A row of the list: a whole workspace, or what of another's is shared with the person (then `workspace` may be
 * missing).
 */
export type Listed = SharedWorkspace;

export const listed = (workspace: Workspace): Listed => ({ ...workspace, ports: [], workspace });
