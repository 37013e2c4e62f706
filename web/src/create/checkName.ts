import { WorkspaceName } from '../../../contracts/values/names.ts';

/** The error in a workspace name; `undefined` if it is valid. */
export const checkName = (name: string): string | undefined => {
  if (name === '') return 'Enter a name.';
  const read = WorkspaceName.safeParse(name);
  return read.success ? undefined : `${read.error.issues[0]?.message ?? 'The name is not valid'}.`;
};
