import { ConfirmDialog } from '../components/ConfirmDialog.tsx';

interface Props {
  name: string;
  onKeep: () => void;
  onClose: () => void;
}

/** Asks before a shell is ended with what runs in it. */
export function CloseDialog({ name, onKeep, onClose }: Props) {
  return (
    <ConfirmDialog
      title={`Close terminal ${name}?`}
      keep="Keep it"
      confirm="Close it"
      closeLabel="Keep it open"
      onConfirm={onClose}
      onClose={onKeep}
    >
      Its shell ends, and what runs in it. To let it run on, leave the page instead.
    </ConfirmDialog>
  );
}
