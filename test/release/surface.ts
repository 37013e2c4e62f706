import type { Argument, Command, Option } from 'commander';
import { buildProgram, everyCommand } from '../../cli/program.ts';
import { openApiDocument } from '../../functions/api/openapi.ts';

/** Keys whose values are text for people, which may change at any time. */
const texts = new Set(['summary', 'description', 'title', 'examples', 'example']);

/** A copy without texts. `properties` of a JSON schema name fields, which may well be called `description`. */
const withoutTexts = (value: unknown, isFieldNames = false): unknown => {
  if (Array.isArray(value)) return value.map((one) => withoutTexts(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => isFieldNames || !texts.has(key))
      .map(([key, child]) => [key, withoutTexts(child, key === 'properties')]),
  );
};

const api = () => {
  const { paths, components } = openApiDocument('https://berth.example.com');
  return withoutTexts({ paths, schemas: components?.schemas });
};

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

const argumentOf = (argument: Argument) => ({
  isRequired: argument.required,
  isVariadic: argument.variadic,
  choices: argument.argChoices ?? [],
});

const optionOf = (option: Option) => ({
  short: option.short ?? '',
  takesValue: option.required,
  mayTakeValue: option.optional,
  isMandatory: option.mandatory,
  isVariadic: option.variadic,
  choices: option.argChoices ?? [],
});

const commands = () => {
  const all = everyCommand(buildProgram(() => undefined));
  return Object.fromEntries(
    all.map((command) => [
      pathOf(command),
      {
        aliases: command.aliases(),
        arguments: command.registeredArguments.map(argumentOf),
        options: Object.fromEntries(command.options.map((option) => [option.long ?? option.flags, optionOf(option)])),
      },
    ]),
  );
};

/** What people's scripts and programs rely on. */
export const surface = { api, commands };
export type Surface = keyof typeof surface;

/** Converted to plain JSON, so that it compares with a recorded file. */
export const read = (name: Surface): unknown => JSON.parse(JSON.stringify(surface[name]()));
