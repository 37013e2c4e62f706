import type { WorkspaceMutations } from '../api/mutations.ts';
import { ConfirmDialog } from '../ui/feedback/Dialog.tsx';

interface Props {
  name: string;
  onClose: () => void;
  remove: WorkspaceMutations['remove'];
}

export function DeleteDialog({ name, onClose, remove }: Props) {
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      confirm={`Delete ${name}`}
      pending={remove.isPending}
      onConfirm={() => remove.mutate(undefined, { onSettled: onClose })}
      onClose={onClose}
    >
      This deletes the workspace, its home, and all files in it. You cannot undo this. Code that you pushed to a
      repository stays there.
    </ConfirmDialog>
  );
}
