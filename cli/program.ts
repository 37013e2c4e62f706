import { Command } from 'commander';
import { version } from '../contracts/version.ts';
import { exitCodeHelp } from './exit-codes.ts';
import { addAccess } from './groups/access.ts';
import { addAccount } from './groups/account.ts';
import { addCompletion } from './groups/completion.ts';
import type { Done, Group } from './groups/group.ts';
import { addPeople } from './groups/people.ts';
import { addSharing } from './groups/sharing.ts';
import { addTemplates } from './groups/templates.ts';
import { addWorkspaces } from './groups/workspaces.ts';

/** As help lists them. */
const groups: readonly Group[] = [
  addWorkspaces,
  addAccess,
  addSharing,
  addTemplates,
  addAccount,
  addCompletion,
  addPeople,
];

const examples = `
Examples:
  berth login https://berth.example.com
  berth create demo --template linux --wait
  berth exec demo -- make test
  berth stop demo
`;

/**
 * The command line. Every command is loaded when it is run, so that help is there at once. `done` gets the exit code
 * of a command that has one of its own.
 */
export const buildProgram = (done: Done): Command => {
  const program = new Command('berth')
    .description('Cloud development environments from a terminal.')
    .version(version, '-V, --version', 'print its version')
    .enablePositionalOptions()
    .addHelpText('after', examples + exitCodeHelp)
    // What is wrong with a command line is told as every error is (main.ts).
    .configureOutput({ outputError: () => undefined });
  for (const add of groups) add(program, done);
  return program.helpCommand('help [command]', 'show what a command takes');
};

/** All commands below one, at every depth. */
export const everyCommand = (parent: Command): Command[] =>
  parent.commands.flatMap((command) => [command, ...everyCommand(command)]);
