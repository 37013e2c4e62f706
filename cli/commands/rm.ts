import { ask } from '../ask.ts';
import { connect, type Options, waitingPatienceMs } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import { CliError, usageError } from '../failure.ts';
import { harmless } from '../harmless.ts';
import { waitForWorkspace } from '../wait.ts';

const confirmed = async (name: string): Promise<boolean> => {
  if (!process.stdin.isTTY) {
    throw usageError(`${name} was not deleted: nobody can be asked here. Add --yes to delete it with its home.`);
  }
  const answer = await ask(`Delete ${name} and all files in its home? [y/N] `);
  if (answer === undefined) process.stderr.write('\n');
  return /^y(es)?$/i.test(answer?.trim() ?? '');
};

export const rm = async (workspace: string, options: Options & { yes?: boolean; wait?: boolean }): Promise<void> => {
  const cli = connect(options, options.wait ? waitingPatienceMs : undefined);
  if (!options.yes && !(await confirmed(harmless(workspace)))) {
    throw new CliError('build_canceled', `${harmless(workspace)} was not deleted.`, exitCodes.failed);
  }
  const deleting = await cli.client.deleteWorkspace({ params: { workspace } });
  if (!options.wait) return cli.print(deleting, () => `${deleting.name} is being deleted.\n`);
  cli.note(`Deleting ${deleting.name}`);
  await waitForWorkspace(cli, deleting, 'deleted');
  cli.print({ ...deleting, status: 'deleted' }, () => `${deleting.name} is deleted.\n`);
};
