import { notifications } from '@mantine/notifications';
import { errorMessage } from './errors.ts';

const closeButtonProps = { 'aria-label': 'Dismiss' };

export const notifyProblem = (message: string): void => {
  notifications.show({ color: 'red', title: 'Something went wrong', message, autoClose: 10_000, closeButtonProps });
};

export const notifyError = (error: unknown): void => notifyProblem(errorMessage(error));

export const notifyDone = (message: string): void => {
  notifications.show({ message, autoClose: 4_000, closeButtonProps });
};
