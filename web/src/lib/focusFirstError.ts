import { flushSync } from 'react-dom';

/** Shows what was refused, by `show`, and puts the cursor into the first field of it. */
export const focusFirstError = (form: HTMLFormElement | null, show: () => void): void => {
  flushSync(show);
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
};
