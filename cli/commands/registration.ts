import { type Command, InvalidArgumentError, Option } from 'commander';

/** Receives the exit code of a command that determines its own. */
export type Done = (exitCode: number) => void;

/** Registers the commands of one group. Each command's module is loaded when the command runs. */
export type Group = (program: Command, done: Done) => void;

export const wholeNumber = (text: string): number => {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Use a whole number from 1.');
};
const collect = (value: string, before: string[]): string[] => [...before, value];

export const parameterOption = () =>
  new Option('-p, --parameter <name=value>', 'Template parameter, can be repeated; separate list items with commas')
    .argParser(collect)
    .default([], 'none');
export const waitOption = () => new Option('--wait', 'Wait until the build has ended, and show each step');
export const versionOption = () => new Option('--version <number>', 'Template version').argParser(wholeNumber);

/**
 * Converts a workspace reference from the command line (`demo`, `ada/demo` for another owner, or an id) to the form
 * that the API and the gateway accept: `ada/demo` becomes `demo--ada`, as in the hosts of its apps.
 */
export const workspaceReference = (text: string): string => {
  const [owner, name, ...rest] = text.split('/');
  if (name === undefined) return text;
  if (owner && name && rest.length === 0) return `${name}--${owner}`;
  throw new InvalidArgumentError('Use its name, or owner/name for the workspace of another owner, such as ada/demo.');
};

/**
 * Adds a command that supports `--json` and rejects excess arguments. An argument named `workspace` is parsed as a
 * reference, so that every command accepts `ada/demo`.
 */
export const addCommand = (
  parent: Command,
  usage: string,
  description: string,
  options: { isDefault?: boolean } = {},
): Command => {
  const command = parent
    .command(usage, options)
    .description(description)
    .option('--json', 'Print one JSON value instead of text')
    .allowExcessArguments(false);
  for (const argument of command.registeredArguments) {
    if (argument.name() === 'workspace') argument.argParser(workspaceReference);
  }
  return command;
};
