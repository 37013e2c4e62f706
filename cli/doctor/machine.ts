import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Finding, fail, ok, type Verdict, warn } from '../../contracts/doctor.ts';

/** Berth is tested with 24; the CLI is bundled for 20 and later. */
const tested = 24;
const least = 20;

/** @param version as `process.versions.node` has it */
export const judgeNode = (version: string): Verdict => {
  const major = Number(version.split('.')[0]);
  if (major < least) return fail(`Node is of version ${version}; the CLI needs ${least}.`, `Install Node ${tested}.`);
  if (major < tested)
    return warn(`Node is of version ${version}; Berth is tested with ${tested}.`, `Install Node ${tested}.`);
  return ok(`Node is of version ${version}.`);
};

/** @param command looked for on the PATH */
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

/** What the CLI and what comes after it need of this machine. */
export const lookAtMachine = async (): Promise<Finding[]> => [
  { check: 'node', ...judgeNode(process.versions.node) },
  { check: 'ssh', ...(await judgeSsh()) },
];
