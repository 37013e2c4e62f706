import { afterEach, beforeEach, expect, test } from 'vitest';
import { skeletonKind } from '../../../compute/skeleton/skeleton.ts';
import { deleteWorkspace } from '../../../core/workspaces/commands/transitions.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';

/** What the table retains of a workspace after a year, and of a deleted one. */
const template = 'name: bare\ncompute: { kind: skeleton }\n';
const dayMs = 86_400_000;

let ahead: number;
let berth: TestBerth;
let id: string;
beforeEach(async () => {
  ahead = 0;
  berth = await givenBerth({
    templateFolders: [givenTemplates({ bare: template })],
    moreKinds: [skeletonKind(new Map())],
    clock: () => new Date(Date.now() + ahead),
    sweepEveryMs: 50,
  });
  const ada = berth.as('ada');
  ({ id } = await ada.createWorkspace({ body: { name: 'demo', template: 'bare' } }));
  const params = { workspace: id };
  await ada.stopWorkspace({ params });
  await untilStatus(ada, id, 'stopped');
  await ada.startWorkspace({ params, body: {} });
  await ada.stopWorkspace({ params });
  await untilStatus(ada, id, 'stopped');
});
afterEach(() => berth.end());

const retained = async () => {
  const { items } = await berth.runtime.rules.table.query({ pk: `workspace#${id}`, limit: 100 });
  return items.map(({ sk }) => sk).filter((sk) => !sk.startsWith('step#'));
};

test('a workspace retains its last build, whose number the next one follows', async () => {
  expect(await retained()).toEqual(['build#000001', 'build#000002', 'workspace']);
  ahead = 366 * dayMs;
  await expect.poll(retained).toEqual(['build#000002', 'workspace']);
});

test('a deleted workspace leaves nothing but its audit in the end', async () => {
  await deleteWorkspace(berth.runtime.rules, 'system', id);
  await untilStatus(berth.as('ada'), id, 'deleted');
  expect(await retained()).toEqual(['build#000001', 'build#000002', 'build#000003', 'workspace']);
  ahead = 91 * dayMs;
  await expect.poll(retained).toEqual(['build#000001', 'build#000002']);
  ahead = 366 * dayMs;
  await expect.poll(retained).toEqual([]);
  const { items } = await berth.runtime.rules.table.query({ pk: `workspace#${id}`, limit: 100 });
  expect(items).toEqual([]);
  expect((await berth.runtime.rules.table.query({ pk: `audit#${id}`, limit: 100 })).items.length).toBeGreaterThan(5);
});
