import { connect, type Options } from '../connect.ts';
import { usageError } from '../failure.ts';
import { harmless } from '../harmless.ts';

/** Makes a version the active one: a newer one, or an older one to roll back. */
export const promoteTemplate = async (template: string, version: number, options: Options): Promise<void> => {
  const cli = connect(options);
  const promoted = await cli.client.promoteTemplate({ params: { template }, body: { version } });
  cli.print(promoted, () => `${promoted.name} version ${promoted.activeVersion} is the active one.\n`);
  cli.note('New workspaces get it; owners of others take it with: berth update WORKSPACE');
};

/** Has a template take no new workspaces, or take them again. */
export const deprecateTemplate = async (
  template: string,
  { message, undo, ...options }: Options & { message?: string; undo?: boolean },
): Promise<void> => {
  if (undo && message !== undefined) throw usageError('--undo takes the message away; leave out --message.');
  const cli = connect(options);
  const body = { deprecated: undo !== true, message: message ?? '' };
  const changed = await cli.client.deprecateTemplate({ params: { template }, body });
  cli.print(changed, () =>
    changed.deprecated === undefined
      ? `${changed.name} takes new workspaces again.\n`
      : `${changed.name} is deprecated: it takes no new workspaces, and those that there are run on. ${harmless(changed.deprecated.message)}`.trimEnd() +
        '\n',
  );
};
