import { createContext, use } from 'react';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';

/** What the person may do with the workspace of the page. */
export interface Permissions {
  isOwner: boolean;
  /** Terminal, apps, SSH. */
  mayUse: boolean;

  maySeeShares: boolean;
  /** Start, stop, change, delete it. */
  mayManage: boolean;
}

interface OpenWorkspace {
  workspace: Workspace;
  permissions: Permissions;
}

export const WorkspaceContext = createContext<OpenWorkspace | undefined>(undefined);

/** The workspace that the surrounding page has loaded. */
export const useOpenWorkspace = (): OpenWorkspace => {
  const open = use(WorkspaceContext);
  if (open === undefined) throw new Error('useOpenWorkspace must be used inside WorkspacePage.');
  return open;
};
