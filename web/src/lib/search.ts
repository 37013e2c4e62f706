import type { Workspace } from '../../../contracts/workspace.ts';
import { workspaceStatus } from './status.ts';

type Searched = Pick<Workspace, 'name' | 'status'> & {
  template: Pick<Workspace['template'], 'name' | 'displayName'>;
  owner: Pick<Workspace['owner'], 'name'>;
};

/** Whether every word of the search is found in a workspace's name, template, owner or status. */
export const matches = ({ name, status, template, owner }: Searched, search: string): boolean => {
  const text = [name, template.name, template.displayName, owner.name, workspaceStatus[status].word]
    .join(' ')
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
};
