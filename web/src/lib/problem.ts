import { ApiError } from '../../../contracts/calls.ts';

/** What to tell a person about anything thrown: a sentence. */
export const sentenceOf = (error: unknown): string => {
  if (error instanceof ApiError) return error.message;
  // What `fetch` throws when nobody answers; its own words differ from browser to browser.
  if (error instanceof TypeError) return 'Berth does not answer. Check your connection and try again.';
  return 'Something went wrong in this page. Reload it; if it stays, tell your administrator.';
};

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.error === 'not_found';

export interface FormErrors {
  /** By the field's name in the form: `name`, or `parameters.<name>`. */
  fields: Record<string, string>;
  /** What belongs to no field shown. */
  general: string[];
}

const withoutBody = (field: string): string => field.replace(/^body\./, '');

/** The server's objections, each beside the field it is about. */
export const formErrors = (error: unknown, shown: readonly string[]): FormErrors => {
  const problem = error instanceof ApiError ? error.problem : undefined;
  const implied = error instanceof ApiError && error.error === 'name_taken' ? 'name' : undefined;
  const field = problem?.field ?? implied;
  const objections = problem?.errors ?? (field === undefined ? [] : [{ field, detail: sentenceOf(error) }]);
  const fields: Record<string, string> = {};
  const general: string[] = [];
  for (const { field, detail } of objections) {
    if (shown.includes(withoutBody(field))) fields[withoutBody(field)] = detail;
    else general.push(detail);
  }
  return { fields, general: objections.length === 0 ? [sentenceOf(error)] : general };
};
