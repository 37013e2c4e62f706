import type { Share } from '../../contracts/workspaces/sharing.ts';

export const whatText = ({ what }: Pick<Share, 'what'>): string => {
  if (what.kind === 'workspace') return 'all of it';
  return what.kind === 'app' ? `app ${what.app}` : `port ${what.port}`;
};

export const withText = ({ with: other }: Pick<Share, 'with'>): string => {
  if (other.kind === 'person') return other.name;
  return other.kind === 'group' ? `group ${other.group}` : 'everyone';
};
