import { Modal, type ModalProps } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';

/** Where the focus was when a dialog came, to which it goes back when the dialog is gone. */
const useFocusReturn = (): void => {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // Once the dialog has let go of it.
      requestAnimationFrame(() => {
        const lost = document.activeElement === null || document.activeElement === document.body;
        if (lost && opener instanceof HTMLElement && opener.isConnected) opener.focus();
      });
    },
    [opener],
  );
};

export interface DialogProps extends Pick<ModalProps, 'size' | 'closeOnClickOutside'> {
  title: string;
  onClose: () => void;
  closeLabel?: string;
  children: ReactNode;
}

/** A dialog for as long as it is rendered. What it first puts the focus on has `data-autofocus`. */
export function Dialog({ closeLabel = 'Close', ...props }: DialogProps) {
  useFocusReturn();
  return <Modal opened centered closeButtonProps={{ 'aria-label': closeLabel }} {...props} />;
}
