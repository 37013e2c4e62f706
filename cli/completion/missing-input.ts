import type { Argument, Command, Option } from 'commander';
import { ask } from '../io/ask.ts';
import { usageError } from '../io/failure.ts';
import { harmless } from '../io/harmless.ts';
import { names, noWords } from './names.ts';

/** A required argument or option. */
export interface Missing {
  /** The usage text: `<name>`, `--template <name>`. */
  written: string;
  description: string;
  /** The command-line words that set the value. */
  words(value: string): string[];
  /** The kind of names that completion suggests. */
  kind: string;
}

const missingArguments = (command: Command): Missing[] =>
  command.registeredArguments.slice(command.args.length).filter(isRequired).map(ofArgument);

const isRequired = (argument: Argument): boolean => argument.required;

const ofArgument = (argument: Argument): Missing => ({
  written: argument.variadic ? `<${argument.name()}...>` : `<${argument.name()}>`,
  description: argument.description,
  words: (value) => (argument.variadic ? value.split(/\s+/) : [value]),
  kind: argument.name(),
});

const missingOptions = (command: Command): Missing[] =>
  command.options
    .filter((option) => option.mandatory && command.getOptionValue(option.attributeName()) === undefined)
    .map(ofOption);

const ofOption = (option: Option): Missing => ({
  written: `${option.long} <${option.attributeName()}>`,
  description: option.description,
  words: (value) => [option.long ?? option.flags, value],
  kind: option.attributeName(),
});

/** All missing required arguments and options; commander itself reports only the first. */
export const missingInput = (command: Command): Missing[] => [...missingArguments(command), ...missingOptions(command)];

export const missingError = (command: Command, missing: readonly Missing[]) =>
  usageError(
    `${missing.map(({ written }) => written).join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing: berth ${fullName(command)} ${missing.map(({ written }) => written).join(' ')}. Run it with --help to see what it takes.`,
  );

const fullName = (command: Command): string =>
  command.parent?.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();

const choicesText = async (kind: string): Promise<string> => {
  const known = (await names[kind]?.(noWords)) ?? [];
  const shown = known.map(({ value }) => value).filter((value) => !value.startsWith(':'));
  return shown.length === 0 ? '' : ` (${shown.slice(0, 8).map(harmless).join(', ')}${shown.length > 8 ? ', …' : ''})`;
};

/** Prompts for each missing value; returns `undefined` if the user cancels. */
export const askForMissing = async (missing: readonly Missing[]): Promise<string[] | undefined> => {
  const words: string[] = [];
  for (const { kind, words: wordsOf } of missing) {
    const label = kind.charAt(0).toUpperCase() + kind.slice(1);
    const answer = (await ask(`${label}${await choicesText(kind)}: `))?.trim();
    if (!answer) return undefined;
    words.push(...wordsOf(answer));
  }
  return words;
};
