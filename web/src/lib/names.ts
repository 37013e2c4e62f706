import { WorkspaceName } from '../../../contracts/names.ts';

/** What is wrong with a workspace's name; `undefined` when nothing is. */
export const checkName = (name: string): string | undefined => {
  if (name === '') return 'A name is required.';
  const read = WorkspaceName.safeParse(name);
  return read.success ? undefined : `${read.error.issues[0]?.message ?? 'The name is not valid'}.`;
};
