import { Button, Group, Stack, Text } from '@mantine/core';
import { Dialog, type DialogProps } from './Dialog.tsx';

interface Props extends Omit<DialogProps, 'size' | 'closeOnClickOutside'> {
  /** Words of the way back, which has the focus. */
  keep: string;
  confirm: string;
  pending?: boolean;
  onConfirm: () => void;
}

/** Asks before something is lost, and says what. */
export function ConfirmDialog({ keep, confirm, pending = false, onConfirm, children, ...dialog }: Props) {
  return (
    <Dialog {...dialog}>
      <Stack>
        <Text>{children}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={dialog.onClose} data-autofocus>
            {keep}
          </Button>
          <Button color="red.9" loading={pending} onClick={onConfirm}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
