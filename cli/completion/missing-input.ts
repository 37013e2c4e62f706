import type { Argument, Command, Option } from 'commander';
import { sanitizeLine } from '../../base/sanitize.ts';
import { usageError } from '../io/errors.ts';
import { prompt } from '../io/prompt.ts';
import { emptyLine, names } from './names.ts';

/** A required argument or option. */
interface Missing {
  /** The usage text: `<name>`, `--template <name>`. */
  usage: string;
  description: string;
  /** The arguments that set the value. */
  args(value: string): string[];
  /** The kind of names that completion suggests. */
  kind: string;
}

const requiredArguments = (command: Command, after = 0): Missing[] =>
  command.registeredArguments
    .slice(after)
    .filter(({ required }) => required)
    .map(ofArgument);

const ofArgument = (argument: Argument): Missing => ({
  usage: argument.variadic ? `<${argument.name()}...>` : `<${argument.name()}>`,
  description: argument.description,
  args: (value) => (argument.variadic ? value.split(/\s+/) : [value]),
  kind: argument.name(),
});

const mandatoryOptions = (command: Command): Option[] => command.options.filter(({ mandatory }) => mandatory);

const missingOptions = (command: Command): Missing[] =>
  mandatoryOptions(command)
    .filter((option) => command.getOptionValue(option.attributeName()) === undefined)
    .map(ofOption);

const ofOption = (option: Option): Missing => ({
  usage: `${option.long} <${option.attributeName()}>`,
  description: option.description,
  args: (value) => [option.long ?? option.flags, value],
  kind: option.attributeName(),
});

/** All missing required arguments and options; commander itself reports only the first. */
export const missingInput = (command: Command): Missing[] => [
  ...requiredArguments(command, command.args.length),
  ...missingOptions(command),
];

export const missingError = (command: Command, missing: readonly Missing[]) => {
  const all = [...requiredArguments(command), ...mandatoryOptions(command).map(ofOption)];
  const text = (inputs: readonly Missing[]): string[] => inputs.map(({ usage }) => usage);
  return usageError(
    `Missing ${text(missing).join(' and ')}. Usage: berth ${fullName(command)} ${text(all).join(' ')}. For details, run it with --help.`,
  );
};

const fullName = (command: Command): string =>
  command.parent?.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();

const choicesText = async (kind: string): Promise<string> => {
  const known = (await names[kind]?.(emptyLine)) ?? [];
  const shown = known.map(({ value }) => value).filter((value) => !value.startsWith(':'));
  return shown.length === 0
    ? ''
    : ` (${shown.slice(0, 8).map(sanitizeLine).join(', ')}${shown.length > 8 ? ', …' : ''})`;
};

/** Prompts for each missing value; returns `undefined` if the user cancels. */
export const promptForMissing = async (missing: readonly Missing[]): Promise<string[] | undefined> => {
  const added: string[] = [];
  for (const { kind, args } of missing) {
    const label = kind.charAt(0).toUpperCase() + kind.slice(1);
    const value = (await prompt(`${label}${await choicesText(kind)}: `))?.trim();
    if (!value) return undefined;
    added.push(...args(value));
  }
  return added;
};
