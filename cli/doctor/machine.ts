import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Finding, fail, ok, type Verdict, warn } from '../../contracts/doctor.ts';

/** The Node version that the CLI is bundled for. A clone of Berth provides its own Node. */
const least = 20;

/** @param version in the format of `process.versions.node` */
export const judgeNode = (version: string): Verdict => {
  const major = Number(version.split('.')[0]);
  if (major < least) {
    const what = `Node is of version ${version}; the CLI needs ${least} or newer.`;
    return fail(what, 'Install a newer Node: its current LTS release.');
  }
  return ok(`Node is of version ${version}.`);
};

/** @param command the name of a program on the PATH */
export const judgeSsh = async (command = 'ssh'): Promise<Verdict> => {
  const child = spawn(command, ['-V'], { stdio: ['ignore', 'ignore', 'ignore'] });
  try {
    await once(child, 'exit');
    return ok('ssh is installed.');
  } catch (error) {
    if (!['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return warn('There is no ssh: editors that connect by it find no workspace.', 'Install OpenSSH’s client.');
  }
};

/** Checks this machine for what the CLI needs. */
export const lookAtMachine = async (): Promise<Finding[]> => [
  { check: 'node', ...judgeNode(process.versions.node) },
  { check: 'ssh', ...(await judgeSsh()) },
];
