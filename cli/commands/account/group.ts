import { Argument, Option } from 'commander';
import { addCommand, type Group, wholeNumber } from '../registration.ts';

/** Commands for the user's own account: sign-in, tokens, keys, and the check of this machine. */
export const addAccount: Group = (program, done) => {
  program.commandsGroup('Account and setup:');
  addCommand(program, 'login [address]', 'Sign in with your browser: berth login https://berth.example.com')
    .option('--token', 'Sign in with an API token from stdin instead')
    .option('--no-browser', 'Print the URL instead of opening it')
    .action(async (address, options) => (await import('./login.ts')).login(address, options));
  addCommand(program, 'logout [address]', 'Sign out and delete the stored credential').action(
    async (address, options) => (await import('./logout.ts')).logout(address, options),
  );
  addCommand(program, 'whoami', 'Show who you are signed in as').action(async (options) =>
    (await import('./whoami.ts')).whoami(options),
  );
  const tokens = program.command('tokens').description('Manage your API tokens');
  addCommand(tokens, 'ls', 'List your API tokens').action(async (options) =>
    (await import('./tokens.ts')).listTokens(options),
  );
  addCommand(tokens, 'create <name>', 'Create an API token; its secret is shown only once')
    .addOption(new Option('--days <number>', 'Days until the token expires').argParser(wholeNumber).default(90))
    .action(async (name, options) => (await import('./tokens.ts')).createToken(name, options));
  addCommand(tokens, 'rm <id>', 'Revoke an API token').action(async (id, options) =>
    (await import('./tokens.ts')).revokeToken(id, options),
  );
  addCommand(program, 'git-key', 'Show, create or rotate the SSH key that your workspaces use for git')
    .addArgument(new Argument('[action]').choices(['show', 'create', 'rotate']).default('show'))
    .action(async (action, options) => (await import('./git-key.ts')).gitKey(action, options));
  addCommand(
    program,
    'doctor',
    'Check the connection to Berth; with --settings, check a deployment and its prerequisites',
  )
    .option('--settings <file>', 'Settings file of a deployment, such as berth.config.yaml (in a clone of Berth)')
    .action(async (options) => done(await (await import('./doctor.ts')).doctor(options)));
};
