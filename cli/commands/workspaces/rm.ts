import { ask, isInteractive } from '../../io/ask.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { CliError, usageError } from '../../io/failure.ts';
import { harmless } from '../../io/harmless.ts';
import { connect, type Options, waitingPatienceMs } from '../../server/connect.ts';
import { waitForWorkspace } from '../../wait/wait.ts';

const confirmed = async (name: string): Promise<boolean> => {
  if (!isInteractive()) {
    throw usageError(`${name} was not deleted: nobody can be asked here. Add --yes to delete it with its home.`);
  }
  const answer = await ask(`Delete ${name} and all files in its home? [y/N] `);
  if (answer === undefined) process.stderr.write('\n');
  return /^y(es)?$/i.test(answer?.trim() ?? '');
};

export const rm = async (workspace: string, options: Options & { yes?: boolean; wait?: boolean }): Promise<void> => {
  const cli = connect(options, options.wait ? waitingPatienceMs : undefined);
  if (!options.yes) {
    // The confirmation shows the full name, and there is none if the workspace does not exist.
    const { name, owner } = await cli.client.getWorkspace({ params: { workspace } });
    const named = harmless(`${owner.name}/${name}`);
    if (!(await confirmed(named))) throw new CliError('build_canceled', `${named} was not deleted.`, exitCodes.failed);
  }
  const deleting = await cli.client.deleteWorkspace({ params: { workspace } });
  if (!options.wait) return cli.print(deleting, () => `${deleting.name} is being deleted.\n`);
  cli.note(`Deleting ${deleting.name}`);
  await waitForWorkspace(cli, deleting, 'deleted');
  cli.print({ ...deleting, status: 'deleted' }, () => `${deleting.name} is deleted.\n`);
};
