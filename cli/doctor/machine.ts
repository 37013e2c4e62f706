import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Finding, fail, ok, type Verdict, warn } from '../../contracts/doctor.ts';

/** The Node version that the CLI is bundled for. A clone of Berth provides its own Node. */
const minVersion = 20;

/** @param version in the format of `process.versions.node` */
export const checkNode = (version: string): Verdict => {
  const major = Number(version.split('.')[0]);
  if (major < minVersion) {
    const what = `Node ${version} is too old. The CLI requires Node ${minVersion} or newer.`;
    return fail(what, 'Install the current LTS release of Node.');
  }
  return ok(`Node ${version} is installed.`);
};

/** @param command the name of a program on the PATH */
export const checkSsh = async (command = 'ssh'): Promise<Verdict> => {
  const child = spawn(command, ['-V'], { stdio: ['ignore', 'ignore', 'ignore'] });
  try {
    await once(child, 'exit');
    return ok('ssh is installed.');
  } catch (error) {
    if (!['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return warn('ssh is not installed. Editors that use it cannot connect.', 'Install the OpenSSH client.');
  }
};

/** Checks this machine for what the CLI needs. */
export const checkMachine = async (): Promise<Finding[]> => [
  { check: 'node', ...checkNode(process.versions.node) },
  { check: 'ssh', ...(await checkSsh()) },
];
