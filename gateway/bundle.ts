import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Writes the gateway's service as one CommonJS file for Node 24, for the image of `Dockerfile`. */
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
    // Natively compiled parts that `ws` can do without.
    external: ['bufferutil', 'utf-8-validate'],
    logLevel: 'warning',
  });
};
