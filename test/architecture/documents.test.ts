import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseTemplate } from '../../core/templates/parse.ts';

const root = dirname(dirname(import.meta.dirname));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = globSync(['*.md', 'docs/**/*.md', 'templates/*/*.md', 'compute/*/*.md'], { cwd: root });

test.each(documents)('the links of %s lead somewhere', (file) => {
  const targets = [...read(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target ?? '');
  const local = targets.filter((target) => !/^[a-z]+:/.test(target));
  expect(local.filter((target) => !existsSync(join(root, dirname(file), target)))).toEqual([]);
});

test('the examples of docs/templates.md that are whole templates are good ones', () => {
  const blocks = [...read('docs/templates.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');
  const whole = blocks.filter((block) => /^name:/m.test(block) && /^compute:/m.test(block));
  expect(whole.length).toBeGreaterThan(0);
  for (const block of whole) expect(() => parseTemplate(block, 'docs/templates.md')).not.toThrow();
});

test('the templates that come with Berth are good ones', () => {
  const files = globSync('templates/*/template.yaml', { cwd: root });
  expect(files.length).toBeGreaterThanOrEqual(2);
  for (const file of files) expect(() => parseTemplate(read(file), file)).not.toThrow();
});

test('every script that a document names is there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name ?? ''),
  );
  expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
});
