import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { FormErrors } from './problem.ts';

const none: FormErrors = { fields: {}, general: [] };

/** What a form is refused for. Each refusal puts the cursor into the first field that is wrong. */
export const useFormErrors = () => {
  const form = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState(none);
  const refuse = (refused: Partial<FormErrors>) => {
    flushSync(() => setErrors({ ...none, ...refused }));
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  };
  const forgive = (field: string) =>
    setErrors(({ fields: { [field]: _, ...fields }, general }) => ({ fields, general }));
  return { form, errors, refuse, forgive, clear: () => setErrors(none) };
};
