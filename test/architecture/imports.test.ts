import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';

const root = dirname(dirname(import.meta.dirname));

/** The folders that each folder may import: data flows one way. `local` wires everything; tests may import anything. */
const allowed: Record<string, string[]> = {
  base: [],
  contracts: [],
  web: ['base/back-off.ts', 'contracts'],
  cli: ['base', 'contracts'],
  core: ['base', 'contracts'],
  // The ports and the table, but nothing that knows a workspace.
  compute: ['base', 'contracts', 'core/ports', 'core/errors.ts', 'core/table'],
  adapters: ['base', 'contracts', 'core/ports', 'core/errors.ts', 'core/table/cursor.ts'],
  tunnel: [],
  agent: ['base', 'contracts', 'tunnel'],
  gateway: ['base', 'contracts', 'core', 'adapters', 'tunnel'],
  functions: ['base', 'contracts', 'core', 'adapters', 'compute'],
  // Builds what is deployed and downloaded from the other folders' sources.
  bundles: ['agent/bundle.ts', 'cli/bundle.ts', 'functions/entries', 'gateway/bundle.ts'],
  infra: ['base', 'contracts', 'bundles', 'compute/ec2/user-data'],
  local: ['base', 'contracts', 'core', 'adapters', 'compute', 'functions', 'gateway', 'agent', 'bundles'],
};

/** The packages that a folder may import, where they are restricted. */
const allowedPackages: Record<string, RegExp> = {
  base: /^node:/,
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

const isTest = (file: string) => /\.test\.tsx?$|\/test-|\/testing\//.test(file);

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

/**
 * Texts and computed imports by which a file could load another folder's source without an import that the rules above
 * see. A text counts when it names a source file from the root of the repository, as in `join(root, 'local/main.ts')`,
 * or relative to the file, as in `new URL('../local/main.ts', import.meta.url)`.
 */
const hiddenLoads = (file: string): { line: number; target: string }[] => {
  const text = readFileSync(join(root, file), 'utf8');
  const { program } = parseSync(file, text);
  const found: { line: number; target: string }[] = [];
  const report = (start: number, target: string) =>
    found.push({ line: text.slice(0, start).split('\n').length, target });
  const inspectText = (value: string, start: number) => {
    if (!/^[\w./-]+\.tsx?$/.test(value)) return;
    const candidates = [value.replace(/^\/+/, ''), relative(root, join(root, dirname(file), value))];
    const target = candidates.find((path) => path.includes('/') && existsSync(join(root, path)));
    if (target !== undefined) report(start, target);
  };
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const child of node) visit(child);
      return;
    }
    const { type, start = 0, ...fields } = node as { type?: string; start?: number } & Record<string, unknown>;
    // Imports with a literal source are checked against `allowed`, whatever they import.
    if (type === 'ImportDeclaration' || type === 'TSImportType') return;
    if (type === 'ImportExpression') {
      if ((fields['source'] as { type: string }).type !== 'Literal') report(start, 'a computed import');
      return;
    }
    if (type === 'Literal' && typeof fields['value'] === 'string') inspectText(fields['value'], start);
    if (type === 'TemplateElement') inspectText((fields['value'] as { raw: string }).raw, start);
    for (const field of Object.values(fields)) visit(field);
  };
  visit(program);
  return found;
};

/** Files that name another folder's source and do not load it into their own program. */
const mayNameSources: Record<string, string> = {
  'cli/doctor/deployment.ts': 'runs infra/doctor/main.ts of a clone as a program of its own',
  'web/build-time.ts': 'a Vite plugin: evaluates modules that vite.config.ts names, all of them contracts',
};

test.each(Object.keys(allowed))('%s loads no other source through a path in a text', (folder) => {
  const files = globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root, exclude: ['web/dist/**'] }).filter(
    (file) => !isTest(file) && !(file in mayNameSources),
  );
  const may = [folder, ...(allowed[folder] ?? [])];
  const wrong = files.flatMap((file) =>
    hiddenLoads(file)
      .filter(({ target }) => !may.some((prefix) => target === prefix || target.startsWith(`${prefix}/`)))
      .map(({ line, target }) => `${file}:${line} names ${target}`),
  );
  expect(wrong).toEqual([]);
});

/** The files that import each other in a circle, each circle with its files in their order. */
const circlesAmong = (edges: ReadonlyMap<string, readonly string[]>): string[][] => {
  const [order, low] = [new Map<string, number>(), new Map<string, number>()];
  const open: string[] = [];
  const circles: string[][] = [];
  /** Tarjan's strongly connected components. */
  const visit = (file: string): number => {
    const number = order.size;
    order.set(file, number);
    open.push(file);
    let lowest = number;
    for (const next of edges.get(file) ?? []) {
      if (!order.has(next)) lowest = Math.min(lowest, visit(next));
      else if (open.includes(next)) lowest = Math.min(lowest, low.get(next) ?? order.get(next) ?? 0);
    }
    low.set(file, lowest);
    if (lowest === number) {
      const circle = open.splice(open.indexOf(file));
      if (circle.length > 1) circles.push(circle.sort());
    }
    return lowest;
  };
  for (const file of edges.keys()) if (!order.has(file)) visit(file);
  return circles;
};

test('no files import each other in a circle, not even their types', () => {
  const files = globSync(
    '{agent,adapters,bundles,base,cli,compute,contracts,core,functions,gateway,infra,local,test,tunnel,web}/**/*.{ts,tsx}',
    {
      cwd: root,
      exclude: ['web/dist/**'],
    },
  );
  const edges = files.map((file): [string, string[]] => [
    file,
    importsOf(file)
      .filter(({ source }) => source.startsWith('.'))
      .map(({ source }) => relative(root, join(root, dirname(file), source))),
  ]);
  expect(circlesAmong(new Map(edges))).toEqual([]);
});

const layered = [
  'adapters',
  'agent',
  'cli',
  'compute',
  'compute/ec2',
  'compute/kubernetes',
  'compute/process',
  'contracts',
  'core',
  'core/connections',
  'core/templates',
  'core/workspaces',
  'functions',
  'functions/entries',
  'gateway',
  'infra',
  'local',
  'infra/doctor',
  'web/src',
];
test.each(layered)('the parts of %s form layers', (folder) => {
  const part = (file: string) => relative(folder, file).split('/')[0] ?? '';
  const edges = new Map<string, string[]>();
  for (const file of globSync(`${folder}/*/**/*.{ts,tsx}`, { cwd: root }).filter((one) => !isTest(one))) {
    const targets = importsOf(file)
      .map(({ source }) => relative(root, join(root, dirname(file), source)))
      .filter(
        (target) => relative(folder, target).includes('/') && target.startsWith(folder) && part(target) !== part(file),
      );
    edges.set(part(file), [...(edges.get(part(file)) ?? []), ...targets.map(part)]);
  }
  expect(circlesAmong(edges)).toEqual([]);
});

test('the image of the agent contains every folder that the agent may import', () => {
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
