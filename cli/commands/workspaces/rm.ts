import { sanitizeLine } from '../../../base/sanitize.ts';
import { CliError, usageError } from '../../io/errors.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { canPrompt, confirm, whyNoPrompt } from '../../io/prompt.ts';
import { connect, type Options, waitRetryMs } from '../../server/connect.ts';
import { waitForWorkspace } from '../../wait/wait.ts';

const confirmDelete = async (name: string, options: Options): Promise<boolean> => {
  if (canPrompt(options)) return confirm(`Delete ${name} and all files in its home?`);
  throw usageError(`${name} was not deleted, because ${whyNoPrompt(options)}. Add --yes to delete it with its home.`);
};

export const rm = async (workspace: string, options: Options & { yes?: boolean; wait?: boolean }): Promise<void> => {
  const cli = connect(options, options.wait ? waitRetryMs : undefined);
  if (!options.yes) {
    // The confirmation shows the full name, and there is none if the workspace does not exist.
    const { name, owner } = await cli.client.getWorkspace({ params: { workspace } });
    const fullName = sanitizeLine(`${owner.name}/${name}`);
    if (!(await confirmDelete(fullName, options)))
      throw new CliError('build_canceled', `${fullName} was not deleted.`, exitCodes.failed);
  }
  const deleting = await cli.client.deleteWorkspace({ params: { workspace } });
  if (!options.wait) return cli.print(deleting, () => `${deleting.name} is being deleted.\n`);
  cli.note(`Deleting ${deleting.name}`);
  await waitForWorkspace(cli, deleting, 'deleted');
  cli.print({ ...deleting, status: 'deleted' }, () => `${deleting.name} is deleted.\n`);
};
