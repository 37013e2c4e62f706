import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseTemplate } from '../../core/templates/file/parse.ts';

const root = dirname(dirname(import.meta.dirname));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = globSync(['*.md', '{docs,templates,compute,test}/**/*.md', '{cli,gateway,web}/*.md'], { cwd: root });

/** As the pages of a repository name their headings. */
const anchorsOf = (file: string): string[] =>
  [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );

test.each(documents)('the links of %s lead somewhere', (file) => {
  const targets = [...read(file).matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map(([, target]) => target ?? '');
  const local = targets.filter((target) => !/^[a-z]+:/.test(target));
  const leads = (target: string): boolean => {
    const [path = '', anchor] = target.split('#');
    const found = path === '' ? file : join(dirname(file), path);
    return existsSync(join(root, found)) && (anchor === undefined || anchorsOf(found).includes(anchor));
  };
  expect(local.filter((target) => !leads(target))).toEqual([]);
});

const folders = globSync('*/', { cwd: root }).map((folder) => folder.replace(/\/$/, ''));

test.each(documents)('the files that %s names are there', (file) => {
  const named = [...read(file).matchAll(/`([a-z]+\/[\w./*-]*)`/g)].map(([, path]) => path ?? '');
  const ours = named.filter((path) => folders.includes(path.split('/')[0] ?? ''));
  expect(ours.filter((path) => globSync(path.replace(/\/$/, ''), { cwd: root }).length === 0)).toEqual([]);
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

test('what a new user runs beside `npm start` needs no more than that has installed', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const [, minutes = ''] = /## The first ten minutes\n([\s\S]*?)\n## /.exec(read('README.md')) ?? [];
  const named = [...minutes.matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);
  expect(named).toContain('audit:tail');
  for (const name of ['start', ...named]) expect(scripts[name]).toMatch(/^local\/node24 --to-run /);
});

test('every command of berth that a document names is in docs/cli.md', () => {
  const known = [...read('docs/cli.md').matchAll(/^### `berth ([a-z-]+)/gm)].map(([, name]) => name);
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/(?<![/\w])berth ([a-z][a-z-]+)/g)].map(([, name]) => name),
  );
  expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([]);
});
