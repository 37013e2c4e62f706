import { ApiError } from '../../../contracts/client/calls.ts';

/** A sentence for the person about anything that was thrown. */
export const errorMessage = (error: unknown): string => {
  if (error instanceof ApiError) return error.message;
  // `fetch` throws a TypeError if there is no response; its message differs between browsers.
  if (error instanceof TypeError) return 'Berth is not responding. Check your connection and try again.';
  return 'Reload the page. If the problem persists, contact your administrator.';
};

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.error === 'not_found';

export interface FormErrors {
  /** By field: `name`, or `parameters.<name>`. */
  fields: Record<string, string>;
  /** Errors that belong to none of the fields. */
  general: string[];
}

const withoutBody = (field: string): string => field.replace(/^body\./, '');

/** Assigns the errors of the server to the fields of a form. */
export const formErrors = (error: unknown, shown: readonly string[]): FormErrors => {
  const problem = error instanceof ApiError ? error.problem : undefined;
  const implied = error instanceof ApiError && error.error === 'name_taken' ? 'name' : undefined;
  const field = problem?.field ?? implied;
  const errors = problem?.errors ?? (field === undefined ? [] : [{ field, detail: errorMessage(error) }]);
  const fields: Record<string, string> = {};
  const general: string[] = [];
  for (const { field, detail } of errors) {
    if (shown.includes(withoutBody(field))) fields[withoutBody(field)] = detail;
    else general.push(detail);
  }
  return { fields, general: errors.length === 0 ? [errorMessage(error)] : general };
};
