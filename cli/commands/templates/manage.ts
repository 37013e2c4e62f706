import { sanitizeLine } from '../../../base/sanitize.ts';
import { usageError } from '../../io/errors.ts';
import { connect, type Options } from '../../server/connect.ts';

/** Makes a version the active one; an older version is a rollback. */
export const promoteTemplate = async (template: string, version: number, options: Options): Promise<void> => {
  const cli = connect(options);
  const promoted = await cli.client.promoteTemplate({ params: { template }, body: { version } });
  cli.print(promoted, () => `${promoted.name} version ${promoted.activeVersion} is active.\n`);
  cli.note('New workspaces use it. Owners of existing ones update with: berth update WORKSPACE');
};

/** Deprecates a template, which then allows no new workspaces, or reverses that. */
export const deprecateTemplate = async (
  template: string,
  { message, undo, ...options }: Options & { message?: string; undo?: boolean },
): Promise<void> => {
  if (undo && message !== undefined) throw usageError('--undo removes the message. Omit --message.');
  const cli = connect(options);
  const body = { deprecated: undo !== true, message: message ?? '' };
  const changed = await cli.client.deprecateTemplate({ params: { template }, body });
  cli.print(changed, () =>
    changed.deprecated === undefined
      ? `${changed.name} is no longer deprecated.\n`
      : `${changed.name} is deprecated: it takes no new workspaces, existing ones keep running. ${sanitizeLine(changed.deprecated.message)}`.trimEnd() +
        '\n',
  );
};
