import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { givenTemplates, plainTemplate, untilStatus } from '../../support/berth.ts';
import { givenServer } from '../../support/processes/server-process.ts';
import { workspaceProcesses } from '../../support/processes/workspace-processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('a started copy of the data folder has the homes, and leaves the original’s workspaces alone', async () => {
  const templates = givenTemplates({ plain: plainTemplate });
  const original = join(temporaryFolder(), 'data');
  const copy = join(temporaryFolder(), 'data');
  const first = await givenServer(original, templates);
  onTestFinished(first.stop);
  const { id } = await first.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
  await untilStatus(first.as('ada'), id, 'running');
  writeFileSync(join(original, 'homes', id, 'note'), 'mine');
  const before = workspaceProcesses(original);
  expect(before.length).toBeGreaterThan(0);

  expect(spawnSync('cp', ['-a', original, copy]).status).toBe(0);
  const second = await givenServer(copy, templates);
  onTestFinished(second.stop);
  // The copy knows the workspace and starts its own, with the copy of the home.
  await untilStatus(second.as('ada'), id, 'running');
  expect(readFileSync(join(copy, 'homes', id, 'note'), 'utf8')).toBe('mine');
  await second.as('ada').deleteWorkspace({ params: { workspace: id } });
  await expect.poll(() => existsSync(join(copy, 'homes', id))).toBe(false);
  await second.stop();

  expect(workspaceProcesses(copy)).toEqual([]);
  expect(workspaceProcesses(original)).toEqual(before);
  expect(readFileSync(join(original, 'homes', id, 'note'), 'utf8')).toBe('mine');
  const seen = await first.as('ada').getWorkspace({ params: { workspace: id } });
  expect(seen).toMatchObject({ status: 'running', build: { number: 1 }, agent: { status: 'ready' } });
}, 120_000);
