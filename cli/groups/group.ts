import { type Command, InvalidArgumentError, Option } from 'commander';
import { workspaceReference } from '../reference.ts';

/** Gets the exit code of a command that has one of its own. */
export type Done = (exitCode: number) => void;

/** Registers the commands of one group; each command is loaded when it is run. */
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
 * A command that takes `--json`, and no more arguments than it names. One that is called `workspace` is read as a
 * reference, so that every command takes `ada/demo`.
 */
export const addCommand = (parent: Command, words: string, description: string): Command => {
  const command = parent
    .command(words)
    .description(description)
    .option('--json', 'print one JSON value instead of text')
    .allowExcessArguments(false);
  for (const argument of command.registeredArguments) {
    if (argument.name() === 'workspace') argument.argParser(workspaceReference);
  }
  return command;
};
