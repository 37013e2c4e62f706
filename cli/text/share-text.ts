import type { Share } from '../../contracts/workspaces/sharing.ts';

export const shareTargetText = ({ what }: Pick<Share, 'what'>): string => {
  if (what.kind === 'workspace') return 'the workspace';
  return what.kind === 'app' ? `app ${what.app}` : `port ${what.port}`;
};

export const shareRecipientText = ({ with: other }: Pick<Share, 'with'>): string => {
  if (other.kind === 'person') return other.name;
  return other.kind === 'group' ? `group ${other.group}` : 'everyone';
};
