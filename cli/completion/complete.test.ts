import { expect, test } from 'vitest';
import { buildProgram } from '../program.ts';
import { candidateLines, candidates } from './complete.ts';

const program = buildProgram(() => undefined);
const values = async (...words: string[]) => (await candidates(program, words)).map(({ value }) => value);

test.each([
  [['st'], ['stop', 'start', 'startup']],
  [
    ['template', 'pr'],
    ['preview', 'promote'],
  ],
  [
    ['templates', 'pr'],
    ['preview', 'promote'],
  ],
  [['create', '--te'], ['--template']],
  [['template', 'init', '--from', 'k'], ['kubernetes']],
  [['template', 'init', 'x', '--folder', ''], [':files']],
  [['template', 'lint', ''], [':files']],
  [['exec', 'demo', '--', ''], [':files']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['show', 'demo', ''], []],
  [['nonsense', ''], []],
])('completes %j', async (words, expected) => {
  expect(await values(...words)).toEqual(expected);
});

test('each candidate is one line with its description, and hidden commands are omitted', async () => {
  const lines = candidateLines(await candidates(program, ['']));
  expect(lines).toMatch(/^stop\tStop a workspace, or cancel its start; its home is kept$/m);
  expect(lines).not.toContain('__complete');
  expect(candidateLines([{ value: 'a\nb', description: 'two\tlines\n' }])).toBe('a b\ttwo lines \n');
});
