import { InvalidArgumentError } from 'commander';
import { addCommand, type Group } from '../group.ts';

const port = (text: string): number => {
  if (/^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('Write a port from 1 to 65535.');
};

/** Commands that share a workspace or one of its apps. */
export const addSharing: Group = (program) => {
  program.commandsGroup('Sharing:');
  const share = program.command('share').description('let others use a workspace of yours, or an app of it');
  addCommand(share, 'ls <workspace>', 'list with whom it is shared').action(async (workspace, options) =>
    (await import('./share.ts')).listShares(workspace, options),
  );
  addCommand(share, 'add <workspace>', 'share it: berth share add demo --app web --with linus --expires 7d')
    .option('--app <name>', 'an app of it')
    .option('--port <number>', 'a port of it', port)
    .option('--workspace', 'all of it, to use as you do: terminal, files, apps')
    .option('--with <person>', 'with a person, by user name')
    .option('--group <name>', 'with a group')
    .option('--everyone', 'with everyone who is signed in')
    .option('--expires <time>', 'end it by itself after so long, like 8h or 7d')
    .action(async (workspace, options) => (await import('./share.ts')).addShare(workspace, options));
  addCommand(share, 'rm <workspace> <share>', 'take it back; what is open by it ends within a second').action(
    async (workspace, id, options) => (await import('./share.ts')).removeShare(workspace, id, options),
  );
};
