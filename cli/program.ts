import { Command } from 'commander';
import { version } from '../contracts/version.ts';
import { addAccess } from './commands/access/group.ts';
import { addAccount } from './commands/account/group.ts';
import { addHomes } from './commands/homes/group.ts';
import { addPeople } from './commands/people/group.ts';
import type { Done, Group } from './commands/registration.ts';
import { addSharing } from './commands/sharing/group.ts';
import { addTemplates } from './commands/templates/group.ts';
import { addWorkspaces } from './commands/workspaces/group.ts';
import { addCompletion } from './completion/group.ts';
import { exitCodeHelp } from './io/exit-codes.ts';

/** The command groups, in the order of the help. */
const groups: readonly Group[] = [
  addWorkspaces,
  addAccess,
  addSharing,
  addTemplates,
  addAccount,
  addCompletion,
  addPeople,
  addHomes,
];

const examples = `
Examples:
  berth login https://berth.example.com
  berth create demo --template linux --wait
  berth exec demo -- make test
  berth stop demo
`;

/**
 * Builds the CLI. Each command's module is loaded when the command runs, so that the help is fast. `done` receives the
 * exit code of a command that determines its own.
 */
export const buildProgram = (done: Done): Command => {
  const program = new Command('berth')
    .description('Create, use and share cloud development environments.')
    .version(version, '-V, --version', 'Show the version')
    .helpOption('-h, --help', 'Show help for a command')
    .enablePositionalOptions()
    .addHelpText('after', examples + exitCodeHelp)
    // main.ts reports usage errors in the same format as all other errors.
    .configureOutput({ outputError: () => undefined });
  for (const add of groups) add(program, done);
  program.commandsGroup('Account and setup:');
  for (const command of [program, ...everyCommand(program).filter(({ commands }) => commands.length > 0)]) {
    command.helpCommand('help [command]', 'Show help for a command');
  }
  return program;
};

/** All descendants of a command. */
export const everyCommand = (parent: Command): Command[] =>
  parent.commands.flatMap((command) => [command, ...everyCommand(command)]);
