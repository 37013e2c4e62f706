import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const installedPty = (): string => createRequire(import.meta.url).resolve('@lydell/node-pty');

/**
 * Writes the agent as one CommonJS file for Node 24 (as a module it would take 3 MB more). Only @lydell/node-pty stays
 * outside: the bundle remembers `ptyModule`, by default where it is installed here; a workspace on another machine sets
 * `BERTH_AGENT_PTY` or has it in a node_modules beside the agent.
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
    // Absent, ssh2 and ws do without them; ssh2 has only sources of its own addon.
    external: ['@lydell/node-pty', 'bufferutil', 'utf-8-validate', 'cpu-features', '*/sshcrypto.node'],
    define: { BERTH_PTY_MODULE: JSON.stringify(ptyModule) },
    logLevel: 'warning',
  });
};
