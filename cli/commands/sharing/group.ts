import { InvalidArgumentError } from 'commander';
import { addCommand, type Group } from '../registration.ts';

const port = (text: string): number => {
  if (/^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('Use a port from 1 to 65535.');
};

/** Commands that share a workspace or one of its apps. */
export const addSharing: Group = (program) => {
  program.commandsGroup('Sharing:');
  const share = program.command('share').description('Share a workspace, or one of its apps or ports');
  addCommand(share, 'ls <workspace>', 'List the shares of a workspace').action(async (workspace, options) =>
    (await import('./share.ts')).listShares(workspace, options),
  );
  addCommand(share, 'add <workspace>', 'Add a share: berth share add demo --app web --with linus --expires 7d')
    .option('--app <name>', 'Share this app')
    .option('--port <number>', 'Share this port', port)
    .option('--workspace', 'Share the whole workspace: terminal, files, apps and ports')
    .option('--with <person>', 'Share with this person (user name)')
    .option('--group <name>', 'Share with this group')
    .option('--everyone', 'Share with everyone who is signed in')
    .option('--expires <time>', 'Time until the share expires, for example 8h or 7d')
    .action(async (workspace, options) => (await import('./share.ts')).addShare(workspace, options));
  addCommand(share, 'rm <workspace> <share>', 'Revoke a share and close the connections that use it').action(
    async (workspace, id, options) => (await import('./share.ts')).removeShare(workspace, id, options),
  );
};
