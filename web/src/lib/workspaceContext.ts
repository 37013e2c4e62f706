import { createContext, use } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';

/** What the person may do with the workspace of a page. */
export interface May {
  /** It is theirs. */
  own: boolean;
  /** Go in: terminal, apps, SSH. */
  use: boolean;
  /** Start, stop, change, delete it. */
  manage: boolean;
}

interface Open {
  workspace: Workspace;
  may: May;
}

export const WorkspaceContext = createContext<Open | undefined>(undefined);

/** The workspace that the page around a tab has loaded. */
export const useOpenWorkspace = (): Open => {
  const open = use(WorkspaceContext);
  if (open === undefined) throw new Error('A tab of a workspace is shown outside of its page.');
  return open;
};
