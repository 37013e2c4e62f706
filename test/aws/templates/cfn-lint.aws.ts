import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import { synthesize } from '../../infra/synth.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { venvPython } from '../doubles/venv.ts';

const run = promisify(execFile);

/** The installed cfn-lint script contains the path at which its environment was created, which was renamed since. */
const command = 'import sys; from cfnlint.runner.cli import main; sys.exit(main())';

const ignored = [
  // The construct library adds dependencies that a reference already implies; they are harmless.
  'W3005',
  // The settings name the zones, because a lookup at synth would need credentials.
  'W3010',
];

/** Returns the errors and warnings of cfn-lint for a template. */
const lint = async (file: string, region: string): Promise<string[]> => {
  const python = await venvPython('moto');
  const args = ['--regions', region, '--format', 'parseable', '--ignore-checks', ...ignored, '--template', file];
  try {
    const { stdout } = await run(python, ['-c', command, ...args]);
    return stdout.split('\n').filter(Boolean);
  } catch (error) {
    // The exit code is not 0 when cfn-lint found something.
    const { stdout } = error as { stdout?: string };
    if (!stdout) throw error;
    return stdout.split('\n').filter(Boolean);
  }
};

// cfn-lint is in moto's Python environment.
describe.runIf(inject('moto'))('cfn-lint', () => {
  const { templates } = synthesize();
  const folder = temporaryFolder();

  test.each(Object.keys(templates))('finds nothing in the stack %s', async (stack) => {
    const file = join(folder, `${stack}.json`);
    writeFileSync(file, JSON.stringify(templates[stack]));
    expect(await lint(file, stack.endsWith('Portal') ? 'us-east-1' : 'eu-central-1')).toEqual([]);
  });

  test('finds a wrong property', async () => {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, JSON.stringify({ Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { Typo: 1 } } } }));
    expect((await lint(file, 'eu-central-1')).join()).toContain('E3002');
  });
});
