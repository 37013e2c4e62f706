import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { openDataDirectories } from './data/directories.ts';
import { type Launch, launch } from './launch.ts';
import { ProcessSpec } from './spec.ts';

const givenLaunch = (): Launch => {
  const dataDir = temporaryFolder();
  const paths = openDataDirectories(dataDir).of(`ws-${'0'.repeat(26)}`);
  for (const folder of [paths.home, paths.run]) mkdirSync(folder, { recursive: true });
  const agentFile = join(dataDir, 'agent.cjs');
  writeFileSync(agentFile, 'console.log(process.pid, process.ppid); setTimeout(() => {}, 60_000);');
  return {
    node: process.execPath,
    agentFile,
    paths,
    build: { id: 'b"1', number: 1 },
    limits: ProcessSpec.parse({}).limits,
    residentKiB: 1n << 51n,
    environment: { PATH: '/usr/bin:/bin' },
  };
};

it('starts one agent for two concurrent launches, and writes its record before it runs', async () => {
  const options = givenLaunch();
  const outcomes = await Promise.all([launch(options), launch(options)]);
  expect(outcomes.sort()).toEqual(['running', 'taken']);
  const record = JSON.parse(readFileSync(options.paths.record, 'utf8'));
  onTestFinished(() => void process.kill(record.pid, 'SIGKILL'));
  expect(record).toMatchObject({ buildId: 'b"1', buildNumber: 1 });
  await expect
    .poll(() => readFileSync(options.paths.log, 'utf8').split('\n').filter(Boolean))
    .toEqual([`${record.pid} ${process.pid}`]);
});

it('reports a run directory that it cannot write', async () => {
  const options = givenLaunch();
  rmSync(options.paths.run, { recursive: true });
  await expect(launch(options)).rejects.toMatchObject({
    name: 'compute_failed',
    message: expect.stringContaining('disk'),
  });
});

it('reports a missing home directory', async () => {
  const options = givenLaunch();
  rmSync(options.paths.home, { recursive: true });
  await expect(launch(options)).rejects.toMatchObject({ name: 'compute_failed' });
});
