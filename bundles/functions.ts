import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { type EntryName, entryFile, entryNames } from './entries.ts';
import { root } from './paths.ts';

/**
 * Loads built-in modules as objects instead of by `import`: an `import` of node:http evaluates all of its exports, its
 * WebSocket too, for which Node.js loads 600 KB of undici. That cost 20 ms of each cold start.
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
 * Inlines the keys of the AWS SDK's schemas. They are computed from constants, `{ [_eN]: 1 }`; esbuild assumes that
 * such a key may have a side effect, and would bundle the schemas of all 700 operations of EC2 instead of those in use.
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
 * Excludes `compute/<kind>/open.ts` from a bundle. The API validates templates against the installed kinds and opens
 * none: without this rule its bundle would contain the clients of EC2 and Kubernetes.
 */
const withoutComputeAccess: Plugin = {
  name: 'without-compute-access',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]compute[\\/][^\\/]+[\\/]open\.ts$/ }, () => ({
      contents: "export const open = () => { throw new Error('This function opens no compute.'); };",
    }));
  },
};

/**
 * Bundles functions, each into one minified module for Node 24 with its source map, `<outDir>/<name>/index.mjs`; the
 * handler is `index.handler`. Returns esbuild's list of what is in them.
 */
export const bundleEntries = async (outDir: string, names: readonly EntryName[] = entryNames): Promise<Metafile> => {
  const isApi = (name: EntryName) => name.startsWith('api-');
  const bundles = [
    await bundle(outDir, names.filter(isApi), [withoutComputeAccess]),
    await bundle(
      outDir,
      names.filter((name) => !isApi(name)),
      [],
    ),
  ];
  return {
    inputs: Object.assign({}, ...bundles.map(({ inputs }) => inputs)) as Metafile['inputs'],
    outputs: Object.assign({}, ...bundles.map(({ outputs }) => outputs)) as Metafile['outputs'],
  };
};

const bundle = async (outDir: string, names: readonly EntryName[], plugins: Plugin[]): Promise<Metafile> => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: entryFile(name), out: join(name, 'index') })),
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    // A function's credentials are in its environment; the SDK's search for others would be a quarter of a bundle.
    alias: { '@aws-sdk/credential-provider-node': join(root, 'functions', 'entries', 'aws', 'credentials.ts') },
    plugins: [builtinsAsObjects, plainSchemaKeys, ...plugins],
    sourcemap: 'external',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
};
