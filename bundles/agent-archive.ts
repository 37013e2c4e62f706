import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { bundleAgent } from '../agent/bundle.ts';
import { buildFolder, root } from './paths.ts';

const run = promisify(execFile);
const folder = join(buildFolder, 'agent');

/** The Node.js that VMs run the agent with: the version that local/node24 installs. */
const nodeVersion = '24.21.0';
/** npm's names of the EC2 architectures. */
const npmCpus = { arm64: 'arm64', x86_64: 'x64' } as const;
export type Architecture = keyof typeof npmCpus;

export interface AgentArchive {
  file: string;
  sha256: string;
}

const sha256Of = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

const ptyVersion = (): string => {
  const text = readFileSync(join(root, 'node_modules', '@lydell', 'node-pty', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};

/**
 * Packs the agent for VMs of an architecture as a .tar.gz of `bin/node`, `agent.cjs` and its `node_modules`, with
 * binaries from the npm registry. An archive of the same parts is reused: its hash is in the launch templates, and
 * packing it again could change them without a change of the agent.
 */
export const buildAgentArchive = async (architecture: Architecture): Promise<AgentArchive> => {
  const bundle = join(folder, 'agent.cjs');
  await bundleAgent(bundle, '@lydell/node-pty');
  const packages = [`node-linux-${npmCpus[architecture]}@${nodeVersion}`, `@lydell/node-pty@${ptyVersion()}`];
  const key = sha256Of(Buffer.concat([readFileSync(bundle), Buffer.from(packages.join())])).slice(0, 12);
  const file = join(folder, `berth-agent-${architecture}-${key}.tar.gz`);
  if (!existsSync(file)) await pack(architecture, packages, bundle, file);
  return { file, sha256: sha256Of(readFileSync(file)) };
};

const pack = async (architecture: Architecture, packages: string[], bundle: string, file: string): Promise<void> => {
  const work = join(folder, `${basename(file)}.${process.pid}`);
  const [installed, content] = [join(work, 'installed'), join(work, 'content')];
  for (const made of [installed, join(content, 'bin')]) mkdirSync(made, { recursive: true });
  try {
    const target = ['--os=linux', `--cpu=${npmCpus[architecture]}`, '--libc=glibc', '--force'];
    const quiet = ['--no-save', '--no-package-lock', '--ignore-scripts', '--loglevel=error'];
    await run('npm', ['install', '--prefix', installed, ...quiet, ...target, ...packages]);
    const modules = join(installed, 'node_modules');
    cpSync(join(modules, `node-linux-${npmCpus[architecture]}`, 'bin', 'node'), join(content, 'bin', 'node'));
    cpSync(join(modules, '@lydell'), join(content, 'node_modules', '@lydell'), { recursive: true });
    cpSync(bundle, join(content, 'agent.cjs'));
    const packed = join(work, 'packed.tar.gz');
    await run('tar', ['-czf', packed, '-C', content, '.']);
    renameSync(packed, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};
