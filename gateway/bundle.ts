import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles the gateway's service into one CommonJS file for Node 24, which the image of `Dockerfile` runs. */
export const bundleGateway = async (outFile: string): Promise<void> => {
  await build({
    entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
    outfile: outFile,
    bundle: true,
    minifySyntax: true,
    sourcemap: 'linked',
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Optional native modules of `ws`.
    external: ['bufferutil', 'utf-8-validate'],
    logLevel: 'warning',
  });
};
