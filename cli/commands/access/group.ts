import { addCommand, type Group } from '../group.ts';

/** Commands that connect to a workspace. */
export const addAccess: Group = (program, done) => {
  program.commandsGroup('Getting in:');
  addCommand(program, 'exec <workspace> <command...>', 'run a command in it: berth exec demo -- make test')
    .passThroughOptions()
    .action(async (name, words: string[], options) => {
      const { exec } = await import('./exec.ts');
      done(await exec(name, words[0] === '--' ? words.slice(1) : words, options));
    });
  addCommand(
    program,
    'ssh <workspace> [words...]',
    'open a shell in it, or run ssh with more: berth ssh demo -- make test',
  )
    .option('--no-start', 'leave it stopped when it is')
    .option('--stdio', 'for ssh itself, as its ProxyCommand: pass its bytes on')
    .passThroughOptions()
    .action(async (name, words: string[], options) => {
      if (options.stdio === true) return (await import('./ssh-stdio.ts')).sshStdio(name, options);
      const { ssh } = await import('./ssh.ts');
      done(await ssh(name, words[0] === '--' ? words.slice(1) : words, options));
    });
  addCommand(program, 'config-ssh', 'let ssh, scp, sftp, rsync and editors reach workspaces as NAME.berth')
    .option('--remove', 'take it away again')
    .option('--no-start', 'leave stopped workspaces stopped when ssh connects to them')
    .option('--dry-run', 'only show what would be written')
    .action(async (options) => (await import('./config-ssh.ts')).configSsh(options));
  addCommand(
    program,
    'port-forward <workspace> <ports...>',
    'bring its ports here: berth port-forward demo 3000 8080:80',
  )
    .option('--address <address>', 'where to listen on this machine', '127.0.0.1')
    .option('--allow-others', 'let it be an address that other machines reach')
    .action(async (name, ports: string[], options) =>
      (await import('./port-forward.ts')).portForward(name, ports, options),
    );
  addCommand(program, 'open <workspace> [app]', 'open its page in the portal, or an app of it, in your browser')
    .option('--print', 'only print the address')
    .action(async (name, app, options) => (await import('./open.ts')).open(name, app, options));
};
