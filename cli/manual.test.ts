import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodeHelp, exitCodes } from './io/exit-codes.ts';
import { manual, manualMark } from './manual.ts';
import { buildProgram, everyCommand } from './program.ts';

const document = readFileSync(join(import.meta.dirname, '../docs/cli.md'), 'utf8');

test('docs/cli.md tells every command as the program has it', () => {
  const [, told] = document.split(manualMark);
  expect(told, 'write it anew: local/node24 node cli/manual.ts').toBe(manual());
});

test('docs/cli.md and --help tell every exit code and every variable', () => {
  for (const code of Object.values(exitCodes)) {
    expect(document).toMatch(new RegExp(`^\\| ${code} \\| `, 'm'));
    expect(exitCodeHelp).toMatch(new RegExp(`^ {2}${code} {2}`, 'm'));
  }
  const variables = (text: string) => [
    ...new Set(text.match(/\b(BERTH_[A-Z]+|XDG_CONFIG_HOME|BROWSER|NO_COLOR|HTTPS_PROXY|HTTP_PROXY|NO_PROXY)\b/g)),
  ];
  expect(variables(exitCodeHelp).sort()).toEqual(variables(document).sort());
});

/** What they print is not for a program to read, or is another program's. */
const withoutJson = ['completion', '__complete', 'ssh'];

test('every other command takes --json', () => {
  const leaves = everyCommand(buildProgram(() => undefined)).filter(({ commands }) => commands.length === 0);
  const without = leaves.filter(({ options }) => !options.some(({ long }) => long === '--json'));
  expect(withoutJson).toEqual(expect.arrayContaining(without.map((command) => command.name())));
});
