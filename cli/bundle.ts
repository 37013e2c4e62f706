import { chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { addresses } from '../contracts/client/addresses.ts';

/** Creating the schemas takes as long as starting Node, and a client needs only the routes' addresses. */
const addressesAsText: Plugin = {
  name: 'addresses-as-text',
  setup: ({ onLoad, onEnd }) => {
    let isReplaced = false;
    onLoad({ filter: /[\\/]contracts[\\/]client[\\/]addresses\.ts$/ }, () => {
      isReplaced = true;
      return { contents: `export const addresses = ${JSON.stringify(addresses)};` };
    });
    onEnd(() => (isReplaced ? {} : { errors: [{ text: 'contracts/client/addresses.ts was not found' }] }));
  },
};

/**
 * Bundles the CLI into one file for Node 20 and later. The format is CommonJS, because Node treats a file without an
 * extension, which is how the CLI is installed, as CommonJS. Each command's modules are still initialized on demand, so
 * that the help is fast.
 */
export const bundleCli = async (outFile: string): Promise<void> => {
  await build({
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    outfile: outFile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    define: { 'import.meta.dirname': '__dirname' },
    plugins: [addressesAsText],
    // Optional native dependencies of ws.
    external: ['bufferutil', 'utf-8-validate'],
    logLevel: 'error',
  });
  await chmod(outFile, 0o755);
};

if (import.meta.main) await bundleCli(process.argv[2] ?? join(dirname(import.meta.dirname), '.build', 'berth.cjs'));
