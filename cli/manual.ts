import type { Argument, Command } from 'commander';
import { buildProgram } from './program.ts';

/** The section of a command in docs/cli.md. A test compares the file with this output. */
const sectionOf = (command: Command, path: string): string => {
  const name = `${path} ${command.name()}`;
  const subcommands = command.commands.filter((one) => one.name() !== 'help');
  if (subcommands.length > 0) return subcommands.map((one) => sectionOf(one, name)).join('');
  const words = command.registeredArguments.map(argumentText).join(' ');
  const options = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help' && long !== '--json');
  const rows = options.map(
    (option) => `| \`${option.flags}\` | ${cell(command.createHelp().optionDescription(option))} |\n`,
  );
  const table = rows.length === 0 ? '' : `\n| option | |\n| --- | --- |\n${rows.join('')}`;
  return `\n### \`${`${name} ${words}`.trim()}\`\n\n${cell(command.description())}\n${table}`;
};

const argumentText = (argument: Argument): string => {
  const name = argument.argChoices?.join('|') ?? argument.name();
  const dots = argument.variadic ? '…' : '';
  return argument.required ? `<${name}${dots}>` : `[${name}${dots}]`;
};

const cell = (text: string): string => text.replaceAll('|', '\\|');

export const manual = (): string => {
  const program = buildProgram(() => undefined);
  const groups = Map.groupBy(program.createHelp().visibleCommands(program), (command) => command.helpGroup());
  return [...groups]
    .filter(([title]) => title !== '' && title !== 'Commands:')
    .map(
      ([title, commands]) =>
        `\n## ${title.replace(':', '')}\n${commands.map((one) => sectionOf(one, 'berth')).join('')}`,
    )
    .join('');
};

/** The mark in docs/cli.md after which the generated part begins. */
export const manualMark = '<!-- What follows is written by: local/node24 node cli/manual.ts -->\n';

const write = async () => {
  const { readFile, writeFile } = await import('node:fs/promises');
  const file = new URL('../docs/cli.md', import.meta.url);
  const [words = ''] = (await readFile(file, 'utf8')).split(manualMark);
  await writeFile(file, words + manualMark + manual());
};

if (import.meta.main) await write();
