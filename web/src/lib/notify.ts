import { notifications } from '@mantine/notifications';
import { sentenceOf } from './problem.ts';

export const notifyError = (error: unknown): void => {
  notifications.show({ color: 'red', title: 'That did not work', message: sentenceOf(error), autoClose: 10_000 });
};

export const notifyDone = (message: string): void => {
  notifications.show({ message, autoClose: 4_000 });
};
