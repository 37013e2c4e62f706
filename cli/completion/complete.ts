import type { Command, Option } from 'commander';
import { type Candidate, names, type Words } from './names.ts';

/** The position of the last word: its command and the words before it. */
interface Place extends Words {
  command: Command;
  /** The option whose value is being written. */
  option?: Option;
  /** Whether the word follows `--` or belongs to another program's arguments. */
  isElsewhere: boolean;
}

const takesValue = (option: Option): boolean => option.required || option.optional;
const optionOf = (command: Command, word: string): Option | undefined =>
  command.options.find(({ long, short }) => word === long || word === short);
const subcommandOf = (command: Command, word: string): Command | undefined =>
  command.commands.find((one) => one.name() === word || one.aliases().includes(word));

/** Parses the words before the last one with commander's rules. */
const placeOf = (program: Command, words: readonly string[]): Place => {
  const place: Place = { command: program, arguments_: [], options: {}, isElsewhere: false };
  for (const word of words) {
    const found = place.option === undefined ? optionOf(place.command, word) : undefined;
    if (place.option !== undefined) {
      place.options[place.option.attributeName()] = word;
      delete place.option;
    } else if (word === '--') place.isElsewhere = true;
    else if (found !== undefined && takesValue(found)) place.option = found;
    else if (word.startsWith('-')) continue;
    else {
      const subcommand = place.arguments_.length === 0 ? subcommandOf(place.command, word) : undefined;
      if (subcommand === undefined) place.arguments_.push(word);
      else place.command = subcommand;
    }
  }
  return place;
};

const visible = (command: Command): Candidate[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((one) => ({ value: one.name(), description: one.description() }));

const optionsOf = (command: Command): Candidate[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({ value: option.long ?? option.flags, description: option.description }));

/** The values for an argument or option, by its name: `<workspace>`, `<template>`, `<folder>`. */
const valuesOf = async (name: string, choices: readonly string[] | undefined, place: Place): Promise<Candidate[]> => {
  if (choices !== undefined) return choices.map((value) => ({ value }));
  return (await names[name]?.(place)) ?? [];
};

const candidatesAt = async (place: Place, last: string): Promise<Candidate[]> => {
  const { command, option, arguments_, isElsewhere } = place;
  if (isElsewhere) return [{ value: ':files' }];
  if (option !== undefined) return valuesOf(option.attributeName(), option.argChoices, place);
  if (last.startsWith('-')) return optionsOf(command);
  if (command.commands.length > 0 && arguments_.length === 0) return visible(command);
  const argument = command.registeredArguments[arguments_.length];
  return argument === undefined ? [] : valuesOf(argument.name(), argument.argChoices, place);
};

/** Replaces tabs and line ends, which separate candidates in the output. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

/** The candidates for the last word. */
export const candidates = async (program: Command, words: readonly string[]): Promise<Candidate[]> => {
  const last = words.at(-1) ?? '';
  const found = await candidatesAt(placeOf(program, words.slice(0, -1)), last);
  return found.filter(({ value }) => value === ':files' || value.startsWith(last));
};

/** Formats candidates for the shell scripts: one per line, with the description after a tab. */
export const candidateLines = (found: readonly Candidate[]): string =>
  found
    .map(({ value, description }) => (description ? `${oneLine(value)}\t${oneLine(description)}` : oneLine(value)))
    .map((line) => `${line}\n`)
    .join('');
