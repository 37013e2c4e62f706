import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Finding, Findings } from '../../contracts/doctor.ts';
import { CliError, usageError } from '../io/errors.ts';
import { exitCodes } from '../io/exit-codes.ts';

/** The CLI does not include the AWS SDK; a clone contains the program that calls AWS, and its dependencies. */
const clone = join(import.meta.dirname, '../..');
const program = join(clone, 'infra/doctor/main.ts');

/** Checks the prerequisites of a deployment with these settings, and the deployed resources. */
export const checkDeployment = async (settingsFile: string): Promise<Finding[]> => {
  if (!existsSync(program)) {
    throw usageError(
      'A deployment can only be checked in a clone of Berth. Run there: npx berth doctor --settings FILE',
    );
  }
  // The node24 script also installs the dependencies that only deployments need.
  const child = spawn(join(clone, 'local/node24'), ['node', program, settingsFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code === 0) return Findings.parse(JSON.parse(out));
  throw new CliError('internal', 'Could not check the deployment. See the error above.', exitCodes.failed);
};
