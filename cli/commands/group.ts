import { type Command, InvalidArgumentError, Option } from 'commander';
import { workspaceReference } from '../io/reference.ts';

/** Receives the exit code of a command that determines its own. */
export type Done = (exitCode: number) => void;

/** Registers the commands of one group. Each command's module is loaded when the command runs. */
export type Group = (program: Command, done: Done) => void;

export const wholeNumber = (text: string): number => {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number from 1.');
};
const collect = (value: string, before: string[]): string[] => [...before, value];

export const parameterOption = () =>
  new Option('-p, --parameter <name=value>', 'a parameter of the template; lists by commas')
    .argParser(collect)
    .default([], 'none');
export const waitOption = () => new Option('--wait', 'wait until it is done, and show each step');
export const versionOption = () => new Option('--version <number>', 'the template version').argParser(wholeNumber);

/**
 * Adds a command that supports `--json` and rejects excess arguments. An argument named `workspace` is parsed as a
 * reference, so that every command accepts `ada/demo`.
 */
export const addCommand = (
  parent: Command,
  words: string,
  description: string,
  options: { isDefault?: boolean } = {},
): Command => {
  const command = parent
    .command(words, options)
    .description(description)
    .option('--json', 'print one JSON value instead of text')
    .allowExcessArguments(false);
  for (const argument of command.registeredArguments) {
    if (argument.name() === 'workspace') argument.argParser(workspaceReference);
  }
  return command;
};
