import { Button, Group, Modal, type ModalProps, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';

/** Returns the focus to the element that had it before the dialog opened. */
const useFocusReturn = (): void => {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // After the dialog has released its focus trap.
      requestAnimationFrame(() => {
        const lost = document.activeElement === null || document.activeElement === document.body;
        if (lost && opener instanceof HTMLElement && opener.isConnected) opener.focus();
      });
    },
    [opener],
  );
};

interface DialogProps extends Pick<ModalProps, 'size' | 'closeOnClickOutside'> {
  title: string;
  onClose: () => void;
  closeLabel?: string;
  children: ReactNode;
}

/** A dialog that is open while it is rendered. `data-autofocus` marks the element to focus first. */
export function Dialog({ closeLabel = 'Close', ...props }: DialogProps) {
  useFocusReturn();
  return <Modal opened centered closeButtonProps={{ 'aria-label': closeLabel }} {...props} />;
}

interface ConfirmProps extends Omit<DialogProps, 'size' | 'closeOnClickOutside'> {
  confirm: string;
  pending?: boolean;
  onConfirm: () => void;
}

/** Asks before a destructive action. Cancel has the focus. */
export function ConfirmDialog({ confirm, pending = false, onConfirm, children, ...dialog }: ConfirmProps) {
  return (
    <Dialog {...dialog}>
      <Stack>
        <Text>{children}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={dialog.onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red.9" loading={pending} onClick={onConfirm}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
