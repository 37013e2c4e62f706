import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';

const root = dirname(dirname(import.meta.dirname));

/** Who may import whom: data flows one way. `local` wires everything; tests may look anywhere. */
const allowed: Record<string, string[]> = {
  contracts: [],
  web: ['contracts'],
  cli: ['contracts'],
  core: ['contracts'],
  compute: ['contracts', 'core/ports.ts', 'core/errors.ts'],
  adapters: ['contracts', 'core/ports.ts', 'core/errors.ts'],
  tunnel: [],
  agent: ['contracts', 'tunnel'],
  gateway: ['contracts', 'core', 'adapters', 'tunnel'],
  functions: ['contracts', 'core', 'adapters', 'compute'],
  infra: ['contracts'],
  local: ['contracts', 'core', 'adapters', 'compute', 'functions', 'gateway', 'agent', 'cli/bundle.ts'],
};

/** What may come from outside, where that is a rule of its own. */
const allowedPackages: Record<string, RegExp> = {
  contracts: /^zod$/,
  core: /^(zod|yaml|ulid|@actions\/expressions|node:(crypto|buffer|util))$/,
};

interface Import {
  file: string;
  line: number;
  source: string;
}

const importsOf = (file: string): Import[] => {
  const text = readFileSync(join(root, file), 'utf8');
  const { module } = parseSync(file, text);
  const found = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest),
    ...module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest ?? [])),
  ];
  const dynamic = module.dynamicImports.map(({ moduleRequest }) => ({
    start: moduleRequest.start,
    value: text.slice(moduleRequest.start + 1, moduleRequest.end - 1),
  }));
  return [...found, ...dynamic].map(({ value, start }) => ({
    file,
    line: text.slice(0, start).split('\n').length,
    source: value,
  }));
};

const isTest = (file: string) => /\.test\.tsx?$|\/test-/.test(file);

describe.each(Object.keys(allowed))('%s', (folder) => {
  const files = globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root, exclude: ['web/dist/**'] }).filter(
    (file) => !isTest(file),
  );
  const imports = files.flatMap(importsOf);

  test('imports only what lies before it in the flow', () => {
    const wrong = imports.filter(({ file, source }) => {
      if (!source.startsWith('.')) return false;
      const target = relative(root, join(root, dirname(file), source));
      const may = [folder, ...(allowed[folder] ?? [])];
      return !may.some((prefix) => target === prefix || target.startsWith(`${prefix}/`));
    });
    expect(wrong.map(({ file, line, source }) => `${file}:${line} imports ${source}`)).toEqual([]);
  });

  test('imports only packages that it may', () => {
    const packages = allowedPackages[folder];
    const wrong = imports.filter(({ source }) => !source.startsWith('.') && packages?.test(source) === false);
    expect(wrong.map(({ file, line, source }) => `${file}:${line} imports ${source}`)).toEqual([]);
  });
});

test('the image of the agent is made of all that the agent may import', () => {
  const copied = readFileSync(join(root, 'agent/image/Dockerfile'), 'utf8');
  const sent = readFileSync(join(root, 'agent/image/Dockerfile.dockerignore'), 'utf8').split('\n');
  for (const folder of ['agent', ...(allowed['agent'] ?? [])]) {
    expect(copied).toContain(`\nCOPY ${folder} ${folder}\n`);
    expect(sent).toContain(`!${folder}`);
  }
});

test('every folder with code has its rule', () => {
  const folders = globSync('*/**/*.ts', { cwd: root, exclude: ['{node_modules,test,web/dist,cdk.out}/**', '.*/**'] });
  const names = new Set(folders.map((file) => file.split('/')[0] ?? ''));
  expect([...names].filter((name) => !(name in allowed))).toEqual([]);
});
