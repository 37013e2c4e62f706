import { Argument, Option } from 'commander';
import { addCommand, type Group, wholeNumber } from '../group.ts';

/** Commands for the user's own account: sign-in, tokens, keys, and the check of this machine. */
export const addAccount: Group = (program, done) => {
  program.commandsGroup('You and this machine:');
  addCommand(program, 'login [address]', 'sign in with your browser: berth login https://berth.example.com')
    .option('--token', 'read an API token from stdin instead')
    .option('--no-browser', 'only print the address to go to')
    .action(async (address, options) => (await import('./login.ts')).login(address, options));
  addCommand(program, 'logout [address]', 'sign out, and forget it').action(async (address, options) =>
    (await import('./logout.ts')).logout(address, options),
  );
  addCommand(program, 'whoami', 'show who you are signed in as').action(async (options) =>
    (await import('./whoami.ts')).whoami(options),
  );
  const tokens = program.command('tokens').description('your API tokens');
  addCommand(tokens, 'ls', 'list them').action(async (options) => (await import('./tokens.ts')).listTokens(options));
  addCommand(tokens, 'create <name>', 'make one; its secret is printed this once')
    .addOption(new Option('--days <number>', 'valid for so many days').argParser(wholeNumber).default(90))
    .action(async (name, options) => (await import('./tokens.ts')).createToken(name, options));
  addCommand(tokens, 'rm <id>', 'revoke one').action(async (id, options) =>
    (await import('./tokens.ts')).revokeToken(id, options),
  );
  addCommand(program, 'git-key', 'show the SSH key that your workspaces use for git, or make one')
    .addArgument(new Argument('[act]', 'what to do').choices(['show', 'create', 'rotate']).default('show'))
    .action(async (act, options) => (await import('./git-key.ts')).gitKey(act, options));
  addCommand(
    program,
    'doctor',
    'check that this machine reaches Berth; with --settings, what a deployment needs and has',
  )
    .option('--settings <file>', 'the settings of a deployment, such as berth.config.yaml, in a clone of Berth')
    .action(async (options) => done(await (await import('./doctor.ts')).doctor(options)));
};
