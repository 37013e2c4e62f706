import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodeHelp, exitCodes } from './io/exit-codes.ts';
import { manual, manualMark } from './manual.ts';
import { buildProgram, everyCommand } from './program.ts';

const document = readFileSync(join(import.meta.dirname, '../docs/cli.md'), 'utf8');

test('docs/cli.md documents every command as --help does', () => {
  const [, generated] = document.split(manualMark);
  expect(generated, 'run: local/node24 node cli/manual.ts').toBe(manual());
});

test('docs/cli.md and --help document every exit code and environment variable', () => {
  for (const code of Object.values(exitCodes)) {
    expect(document).toMatch(new RegExp(`^\\| ${code} \\| `, 'm'));
    expect(exitCodeHelp).toMatch(new RegExp(`^ {2}${code} {2}`, 'm'));
  }
  const variables = (text: string) => [
    ...new Set(text.match(/\b(BERTH_[A-Z]+|XDG_CONFIG_HOME|BROWSER|NO_COLOR|HTTPS_PROXY|HTTP_PROXY|NO_PROXY)\b/g)),
  ];
  expect(variables(exitCodeHelp).sort()).toEqual(variables(document).sort());
});

/** Commands whose output is for a shell or comes from another program. */
const withoutJson = ['completion', '__complete', 'ssh'];

test('every other command has the option --json', () => {
  const leaves = everyCommand(buildProgram(() => undefined)).filter(({ commands }) => commands.length === 0);
  const without = leaves.filter(({ options }) => !options.some(({ long }) => long === '--json'));
  expect(withoutJson).toEqual(expect.arrayContaining(without.map((command) => command.name())));
});
