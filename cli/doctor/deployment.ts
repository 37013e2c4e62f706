import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Finding, Findings } from '../../contracts/doctor.ts';
import { exitCodes } from '../exit-codes.ts';
import { CliError, usageError } from '../failure.ts';

/** The CLI has no SDK of AWS in it; a clone has what asks AWS, and what it takes. */
const clone = join(import.meta.dirname, '../..');
const program = join(clone, 'infra/doctor/main.ts');

/** What a deployment with these settings needs, and what is deployed. */
export const lookAtDeployment = async (settingsFile: string): Promise<Finding[]> => {
  if (!existsSync(program)) {
    throw usageError('Deployments are looked at from a clone of Berth: run npx berth doctor --settings FILE there.');
  }
  // By way of the script that installs what only deployments need.
  const child = spawn(join(clone, 'local/node24'), ['node', program, settingsFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code === 0) return Findings.parse(JSON.parse(out));
  throw new CliError('internal', 'The deployment could not be looked at; the lines above say why.', exitCodes.failed);
};
