import { usageError } from '../../io/failure.ts';
import { harmless } from '../../io/harmless.ts';
import { connect, type Options } from '../../server/connect.ts';

/** Makes a version the active one; an older version is a rollback. */
export const promoteTemplate = async (template: string, version: number, options: Options): Promise<void> => {
  const cli = connect(options);
  const promoted = await cli.client.promoteTemplate({ params: { template }, body: { version } });
  cli.print(promoted, () => `${promoted.name} version ${promoted.activeVersion} is the active one.\n`);
  cli.note('New workspaces get it; owners of others take it with: berth update WORKSPACE');
};

/** Deprecates a template, which then allows no new workspaces, or reverses that. */
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
