import { chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { addresses } from '../contracts/addresses.ts';

/** Schemas take as long to set up as Node takes to start; of routes, a client needs no more than this. */
const addressesAsText: Plugin = {
  name: 'addresses-as-text',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]contracts[\\/]addresses\.ts$/ }, () => ({
      contents: `export const addresses = ${JSON.stringify(addresses)};`,
    }));
  },
};

/**
 * Writes the command line as one file that any Node from 20 on runs. CommonJS, because a file without extension, as which
 * people install it, is that; and as a command's modules are still set up when it is run, help needs few of them.
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
    // Native helpers of ws, used where they are installed.
    external: ['bufferutil', 'utf-8-validate'],
    logLevel: 'error',
  });
  await chmod(outFile, 0o755);
};

if (import.meta.main) await bundleCli(process.argv[2] ?? join(dirname(import.meta.dirname), '.build', 'berth.cjs'));
