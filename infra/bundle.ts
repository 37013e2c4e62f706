import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { type EntryName, entryNames } from './entries.ts';

const root = dirname(import.meta.dirname);

/**
 * An `import` of node:http asks for all that it exports, its WebSocket too, for which Node loads 600 KB of undici: 20 ms of
 * each cold start. Taken as an object, a module's parts are loaded when they are used.
 */
const builtinsAsObjects: Plugin = {
  name: 'builtins-as-objects',
  setup: ({ onResolve, onLoad }) => {
    const names = new Set(builtinModules);
    onResolve({ filter: /^(node:)?[a-z_0-9/]+$/ }, ({ path }) => {
      const name = path.replace(/^node:/, '');
      return names.has(name) ? { path: name, namespace: 'builtin' } : undefined;
    });
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}');`,
    }));
  },
};

/**
 * A client's schemas name their keys by constants of their file, `{ [_eN]: 1 }`. To esbuild such a key may have an effect,
 * so that it keeps the schemas of all 700 requests of EC2; with the names in place it keeps those that are used.
 */
const plainSchemaKeys: Plugin = {
  name: 'plain-schema-keys',
  setup: ({ onLoad }) => {
    onLoad({ filter: /@aws-sdk\/client-[^/]+\/dist-es\/schemas\/.*\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const named = new Map(
        [...source.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name, text]) => [name, text]),
      );
      const contents = source.replace(/\[(_\w+)\]:/g, (key, name: string) =>
        named.has(name) ? `${named.get(name)}:` : key,
      );
      return { contents, loader: 'js' };
    });
  },
};

/**
 * Writes Lambdas, each as one minified module for Node 24, `<outDir>/<name>/index.mjs`, with its source map beside it;
 * the handler is `index.handler`. Answers what is in them.
 */
export const bundleEntries = async (outDir: string, names: readonly EntryName[] = entryNames): Promise<Metafile> => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: join('functions', 'entries', `${name}.ts`), out: join(name, 'index') })),
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    // A function's credentials are in its environment; the SDK's search for others is a quarter of a bundle.
    alias: { '@aws-sdk/credential-provider-node': join(root, 'functions', 'entries', 'aws', 'credentials.ts') },
    plugins: [builtinsAsObjects, plainSchemaKeys],
    sourcemap: 'external',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
};
