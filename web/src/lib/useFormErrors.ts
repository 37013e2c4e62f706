import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { FormErrors } from './errors.ts';

const none: FormErrors = { fields: {}, general: [] };

/** The errors of a form. `showErrors` focuses the first invalid field. */
export const useFormErrors = (first: FormErrors['fields'] = {}) => {
  const form = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState({ ...none, fields: first });
  const showErrors = (refused: Partial<FormErrors>) => {
    flushSync(() => setErrors({ ...none, ...refused }));
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (!wrong) return;
    wrong.focus({ preventScroll: true });
    // Includes the label and the error; `scroll-padding` keeps them below the sticky header.
    (wrong.closest('.mantine-InputWrapper-root') ?? wrong).scrollIntoView({ block: 'nearest' });
  };
  const clearField = (field: string) =>
    setErrors(({ fields: { [field]: _, ...fields }, general }) => ({ fields, general }));
  return { form, errors, showErrors, clearField, clearAll: () => setErrors(none) };
};
