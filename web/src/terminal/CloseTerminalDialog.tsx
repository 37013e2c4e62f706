import { ConfirmDialog } from '../ui/feedback/Dialog.tsx';

interface Props {
  name: string;
  onKeep: () => void;
  onClose: () => void;
}

/** Asks before ending a shell and the processes in it. */
export function CloseTerminalDialog({ name, onKeep, onClose }: Props) {
  return (
    <ConfirmDialog
      title={`Close terminal ${name}?`}
      confirm="Close terminal"
      closeLabel="Cancel"
      onConfirm={onClose}
      onClose={onKeep}
    >
      This ends the shell and everything running in it. To keep it running, leave the page instead.
    </ConfirmDialog>
  );
}
