import type { Command, Option } from 'commander';
import { type Candidate, type CommandLine, names } from './names.ts';

/** The position of the last word: its command and the words before it. */
interface Position extends CommandLine {
  command: Command;
  /** The option whose value is being written. */
  option?: Option;
  /** Whether the word follows `--` or belongs to another program's arguments. */
  isPassedOn: boolean;
}

const takesValue = (option: Option): boolean => option.required || option.optional;
const optionOf = (command: Command, word: string): Option | undefined =>
  command.options.find(({ long, short }) => word === long || word === short);
const subcommandOf = (command: Command, word: string): Command | undefined =>
  command.commands.find((one) => one.name() === word || one.aliases().includes(word));

/** Parses the words before the last one with commander's rules. */
const positionOf = (program: Command, words: readonly string[]): Position => {
  const position: Position = { command: program, arguments_: [], options: {}, isPassedOn: false };
  for (const word of words) {
    const found = position.option === undefined ? optionOf(position.command, word) : undefined;
    if (position.option !== undefined) {
      position.options[position.option.attributeName()] = word;
      delete position.option;
    } else if (word === '--') position.isPassedOn = true;
    else if (found !== undefined && takesValue(found)) position.option = found;
    else if (word.startsWith('-')) continue;
    else {
      const subcommand = position.arguments_.length === 0 ? subcommandOf(position.command, word) : undefined;
      if (subcommand === undefined) position.arguments_.push(word);
      else position.command = subcommand;
    }
  }
  return position;
};

const visibleCommands = (command: Command): Candidate[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((one) => ({ value: one.name(), description: one.description() }));

const visibleOptions = (command: Command): Candidate[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({ value: option.long ?? option.flags, description: option.description }));

/** The values for an argument or option, by its name: `<workspace>`, `<template>`, `<folder>`. */
const valuesOf = async (
  name: string,
  choices: readonly string[] | undefined,
  position: Position,
): Promise<Candidate[]> => {
  if (choices !== undefined) return choices.map((value) => ({ value }));
  return (await names[name]?.(position)) ?? [];
};

const candidatesAt = async (position: Position, last: string): Promise<Candidate[]> => {
  const { command, option, arguments_, isPassedOn } = position;
  if (isPassedOn) return [{ value: ':files' }];
  if (option !== undefined) return valuesOf(option.attributeName(), option.argChoices, position);
  if (last.startsWith('-')) return visibleOptions(command);
  if (command.commands.length > 0 && arguments_.length === 0) return visibleCommands(command);
  const argument = command.registeredArguments[arguments_.length];
  return argument === undefined ? [] : valuesOf(argument.name(), argument.argChoices, position);
};

/** Replaces tabs and line ends, which separate candidates in the output. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

/** The candidates for the last word. */
export const candidates = async (program: Command, words: readonly string[]): Promise<Candidate[]> => {
  const last = words.at(-1) ?? '';
  const found = await candidatesAt(positionOf(program, words.slice(0, -1)), last);
  return found.filter(({ value }) => value === ':files' || value.startsWith(last));
};

/** Formats candidates for the shell scripts: one per line, with the description after a tab. */
export const candidateLines = (found: readonly Candidate[]): string =>
  found
    .map(({ value, description }) => (description ? `${oneLine(value)}\t${oneLine(description)}` : oneLine(value)))
    .map((line) => `${line}\n`)
    .join('');
