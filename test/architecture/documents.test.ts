import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseTemplate } from '../../core/templates/file/parse.ts';

const root = dirname(dirname(import.meta.dirname));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const folders = globSync('*/', { cwd: root }).map((folder) => folder.replace(/\/$/, ''));
const documents = globSync('{,*/}**/*.md', { cwd: root, exclude: ['**/node_modules/**', 'web/dist/**'] });

/** The anchors of a document's headings, as GitHub generates them. */
const anchorsOf = (file: string): string[] =>
  [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );

test.each(documents)('the targets of the links in %s exist', (file) => {
  const targets = [...read(file).matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map(([, target]) => target ?? '');
  const local = targets.filter((target) => !/^[a-z]+:/.test(target));
  const leads = (target: string): boolean => {
    const [path = '', anchor] = target.split('#');
    const found = path === '' ? file : join(dirname(file), path);
    return existsSync(join(root, found)) && (anchor === undefined || anchorsOf(found).includes(anchor));
  };
  expect(local.filter((target) => !leads(target))).toEqual([]);
});

/** Every source file, folder and document, from the root of the repository. */
const known = folders.flatMap((folder) =>
  globSync(`${folder}/**`, { cwd: root, exclude: ['node_modules/**', '**/node_modules/**', 'web/dist/**'] }),
);

/**
 * Whether a path in a document exists, from the root or from any folder: the README of a folder names files by the room
 * that it describes. `*` stands for a part of a name.
 */
const exists = (path: string): boolean => {
  const pattern = path
    .replace(/\/$/, '')
    .replace(/[.+?^$()|[\]\\{}]/g, '\\$&')
    .replaceAll('*', '[^/]*');
  return known.some((file) => new RegExp(`(^|/)${pattern}$`).test(file));
};

/** A path that begins with one of the repository's folders or of the document's, or that names a source file. */
const isOurs = (path: string, document: string): boolean => {
  const [first = ''] = path.split('/');
  const isBeside = first !== '' && existsSync(join(root, dirname(document), first));
  return /\.tsx?$/.test(path) || (path.includes('/') && (folders.includes(first) || isBeside));
};

test.each(documents)('the files and folders that %s names exist', (document) => {
  const named = [...read(document).matchAll(/`([\w*][\w./*-]*)`/g)].map(([, path]) => path ?? '');
  const missing = named.filter((path) => isOurs(path, document) && !exists(path));
  expect(missing).toEqual([]);
});

test('docs/decisions/README.md lists every decision by its number and title', () => {
  const records = globSync('docs/decisions/0*.md', { cwd: root }).map((file) => {
    const name = basename(file);
    return `- [${name.slice(0, 4)}](${name}) ${read(file).split('\n', 1)[0]?.replace('# ', '')}`;
  });
  const listed = read('docs/decisions/README.md')
    .split('\n')
    .filter((line) => line.startsWith('- '));
  expect(listed.sort()).toEqual(records.sort());
});

test('every row of “Where to look” in CONTRIBUTING.md names at most four files', () => {
  const [, rows = ''] = /## Where to look\n([\s\S]*?)\n## /.exec(read('CONTRIBUTING.md')) ?? [];
  const questions = [...rows.matchAll(/^\| (.*\?) \| (.*) \|$/gm)];
  expect(questions.length).toBeGreaterThanOrEqual(10);
  for (const [, question, files = ''] of questions)
    expect(files.match(/`[^`]+`/g)?.length, question).toBeLessThanOrEqual(4);
});

test('the examples of docs/templates.md that are whole templates are valid', () => {
  const blocks = [...read('docs/templates.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');
  const whole = blocks.filter((block) => /^name:/m.test(block) && /^compute:/m.test(block));
  expect(whole.length).toBeGreaterThan(0);
  for (const block of whole) expect(() => parseTemplate(block, 'docs/templates.md')).not.toThrow();
});

test('the templates that come with Berth are valid', () => {
  const files = globSync('templates/**/template.yaml', { cwd: root });
  expect(files.length).toBeGreaterThanOrEqual(2);
  for (const file of files) expect(() => parseTemplate(read(file), file)).not.toThrow();
});

test('every npm script that a document names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name ?? ''),
  );
  expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
});

test('the scripts of the first ten minutes need only the dependencies that npm start installs', () => {
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
