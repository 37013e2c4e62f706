import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type SkeletonCompute, skeletonKind } from '../../../compute/skeleton/skeleton.ts';
import type { ComputeKind } from '../../../core/ports/compute-kind.ts';
import { loadBuild } from '../../../core/workspaces/store.ts';
import { givenBerth, givenTemplates, type TestBerth } from '../../support/berth.ts';

/** Requests during another build: here, during the slow clean-up of a canceled start. */
const template = `
name: slow
parameters:
  - { name: mode, type: string, default: usual, ephemeral: true }
compute: { kind: skeleton }
`;

let provider: Map<string, SkeletonCompute>;
let isHeld: boolean;
let berth: TestBerth;
let id: string;

const slowKind = (): ComputeKind<unknown> => {
  const kind = skeletonKind(provider) as ComputeKind<unknown>;
  return {
    ...kind,
    stop: async (workspace) =>
      isHeld ? { settled: false, detail: 'It is being stopped.', again: 10 } : kind.stop(workspace),
  };
};

beforeEach(async () => {
  [provider, isHeld] = [new Map(), true];
  berth = await givenBerth({ templateFolders: [givenTemplates({ slow: template })], moreKinds: [slowKind()] });
  ({ id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'slow' } }));
  await vi.waitUntil(() => provider.has(id), { timeout: 60_000 });
});
afterEach(async () => {
  isHeld = false;
  await berth.end();
});

const start = (person: 'ada' | 'grace', mode?: string) =>
  berth.as(person).startWorkspace({
    params: { workspace: id },
    body: mode === undefined ? {} : { parameters: { mode } },
  });
const nextBuild = () => loadBuild(berth.runtime.rules.table, id, 2);

test('the last request counts, with its ephemeral parameters and its requester; a plain start joins it', async () => {
  await start('ada', 'first');
  await start('ada', 'second');
  await start('grace');
  isHeld = false;
  await expect.poll(nextBuild).toMatchObject({ requestedBy: 'ada', parameters: { mode: 'second' } });
});

test('a start after a stop is a request of its own', async () => {
  await start('ada', 'first');
  await berth.as('ada').stopWorkspace({ params: { workspace: id } });
  await start('grace');
  isHeld = false;
  await expect.poll(nextBuild).toMatchObject({ requestedBy: 'grace', parameters: { mode: 'usual' } });
});
