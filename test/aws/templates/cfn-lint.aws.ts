import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import { synthesize } from '../../infra/synth.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { venvPython } from '../doubles/venv.ts';

const run = promisify(execFile);

/** Its own command has the path of the place where its environment was made. */
const command = 'import sys; from cfnlint.runner.cli import main; sys.exit(main())';

const leftOut = [
  // The construct library writes dependencies that a reference implies already. It does no harm.
  'W3005',
  // Zones are named in the settings, for to look them up would take credentials at synth.
  'W3010',
];

/** What cfn-lint says of a template, warnings included. */
const lint = async (file: string, region: string): Promise<string[]> => {
  const python = await venvPython('moto');
  const args = ['--regions', region, '--format', 'parseable', '--ignore-checks', ...leftOut, '--template', file];
  try {
    const { stdout } = await run(python, ['-c', command, ...args]);
    return stdout.split('\n').filter(Boolean);
  } catch (error) {
    // It ends with the kinds of what it found, as a number.
    const { stdout } = error as { stdout?: string };
    if (!stdout) throw error;
    return stdout.split('\n').filter(Boolean);
  }
};

// moto stands for the Python environment that holds cfn-lint too.
describe.runIf(inject('moto'))('cfn-lint is clean', () => {
  const { templates } = synthesize();
  const folder = temporaryFolder();

  test.each(Object.keys(templates))('%s', async (stack) => {
    const file = join(folder, `${stack}.json`);
    writeFileSync(file, JSON.stringify(templates[stack]));
    expect(await lint(file, stack.endsWith('Portal') ? 'us-east-1' : 'eu-central-1')).toEqual([]);
  });

  test('and sees what is wrong', async () => {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, JSON.stringify({ Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { Typo: 1 } } } }));
    expect((await lint(file, 'eu-central-1')).join()).toContain('E3002');
  });
});
