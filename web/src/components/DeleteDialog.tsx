import type { WorkspaceActs } from '../api/mutations.ts';
import { ConfirmDialog } from './ConfirmDialog.tsx';

interface Props {
  name: string;
  onClose: () => void;
  remove: WorkspaceActs['remove'];
}

export function DeleteDialog({ name, onClose, remove }: Props) {
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      keep="Keep it"
      confirm={`Delete ${name}`}
      pending={remove.isPending}
      onConfirm={() => remove.mutate(undefined, { onSettled: onClose })}
      onClose={onClose}
    >
      The workspace and its home are deleted with all files in it. This cannot be undone. What you pushed to a
      repository stays there.
    </ConfirmDialog>
  );
}
