import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const installedPty = (): string => createRequire(import.meta.url).resolve('@lydell/node-pty');

/**
 * Bundles the agent into one CommonJS file for Node 24 (an ES module would need 3 MB more memory). Only
 * @lydell/node-pty is not included: the bundle loads it from `ptyModule`, by default its path on this machine. A
 * workspace on another machine sets `BERTH_AGENT_PTY` or has a node_modules folder beside the agent.
 */
export const bundleAgent = async (outFile: string, ptyModule = installedPty()): Promise<void> => {
  await build({
    entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
    outfile: outFile,
    bundle: true,
    minifySyntax: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Optional native addons: ssh2 and ws work without them.
    external: ['@lydell/node-pty', 'bufferutil', 'utf-8-validate', 'cpu-features', '*/sshcrypto.node'],
    define: { BERTH_PTY_MODULE: JSON.stringify(ptyModule) },
    logLevel: 'warning',
  });
};
