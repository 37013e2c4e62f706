import { notifications } from '@mantine/notifications';
import { sentenceOf } from './problem.ts';

const closeButtonProps = { 'aria-label': 'Dismiss' };

export const notifyProblem = (message: string): void => {
  notifications.show({ color: 'red', title: 'That did not work', message, autoClose: 10_000, closeButtonProps });
};

export const notifyError = (error: unknown): void => notifyProblem(sentenceOf(error));

export const notifyDone = (message: string): void => {
  notifications.show({ message, autoClose: 4_000, closeButtonProps });
};
