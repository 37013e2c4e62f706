import { addCommand, type Group } from '../registration.ts';

/** Commands that connect to a workspace. */
export const addAccess: Group = (program, done) => {
  program.commandsGroup('Connections:');
  addCommand(program, 'exec <workspace> <command...>', 'Run a command in a workspace: berth exec demo -- make test')
    .passThroughOptions()
    .action(async (name, args: string[], options) => {
      const { exec } = await import('./exec.ts');
      done(await exec(name, args[0] === '--' ? args.slice(1) : args, options));
    });
  addCommand(
    program,
    'ssh <workspace> [args...]',
    'Open a shell in a workspace, or pass more arguments to ssh: berth ssh demo -- make test',
  )
    .option('--no-start', 'Do not start a stopped workspace')
    .option('--stdio', 'Connect stdin and stdout to the SSH server of the workspace (for ProxyCommand)')
    .passThroughOptions()
    .action(async (name, args: string[], options) => {
      if (options.stdio === true) return (await import('./ssh-stdio.ts')).sshStdio(name, options);
      const { ssh } = await import('./ssh.ts');
      done(await ssh(name, args[0] === '--' ? args.slice(1) : args, options));
    });
  addCommand(program, 'config-ssh', 'Configure ssh, scp, sftp, rsync and editors to reach workspaces as NAME.berth')
    .option('--remove', 'Remove the configuration')
    .option('--no-start', 'Do not start stopped workspaces when ssh connects to them')
    .option('--dry-run', 'Show the changes without writing them')
    .action(async (options) => (await import('./config-ssh.ts')).configSsh(options));
  addCommand(
    program,
    'port-forward <workspace> <ports...>',
    'Forward ports of a workspace to this machine: berth port-forward demo 3000 8080:80',
  )
    .option('--address <address>', 'IP address of this machine to listen on', '127.0.0.1')
    .option('--allow-others', 'Allow an address that other machines can reach')
    .action(async (name, ports: string[], options) =>
      (await import('./port-forward.ts')).portForward(name, ports, options),
    );
  addCommand(program, 'open <workspace> [app]', 'Open a workspace in the portal, or one of its apps, in your browser')
    .option('--print', 'Print the URL instead of opening it')
    .action(async (name, app, options) => (await import('./open.ts')).open(name, app, options));
};
