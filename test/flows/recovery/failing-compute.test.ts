import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type SkeletonCompute, skeletonKind } from '../../../compute/skeleton/skeleton.ts';
import { BerthError } from '../../../core/errors.ts';
import type { ComputeKind } from '../../../core/ports/compute-kind.ts';
import { retryUnfinished } from '../../../core/workspaces/automatic/repair.ts';
import { sweep } from '../../../functions/schedule/sweep.ts';
import { givenBerth, givenTemplates, type TestBerth } from '../../support/berth.ts';

/** Compute that cannot be stopped or deleted for a while: Berth retries with back-off. */
const template = 'name: fragile\ncompute: { kind: skeleton }\n';

let provider: Map<string, SkeletonCompute>;
let broken: boolean;
let hanging: boolean;
let tries: string[];
let ahead: number;
let berth: TestBerth;

const refuse = (what: string) => {
  tries.push(what);
  if (broken) throw new BerthError('compute_failed', 'The provider refuses. Ask your administrator.');
};

const fragileKind = (): ComputeKind<unknown> => {
  const kind = skeletonKind(provider) as ComputeKind<unknown>;
  return {
    ...kind,
    stop: async (workspace) => {
      refuse('stop');
      return kind.stop(workspace);
    },
    destroy: async (workspace) => {
      refuse('destroy');
      if (hanging) return { settled: false, detail: 'The volume is ending.', again: 20 };
      return kind.destroy(workspace);
    },
  };
};

beforeEach(async () => {
  [provider, broken, hanging, tries, ahead] = [new Map(), true, false, [], 0];
  berth = await givenBerth({
    templateFolders: [givenTemplates({ fragile: template })],
    moreKinds: [fragileKind()],
    clock: () => new Date(Date.now() + ahead),
    sweepEveryMs: 50,
  });
});
afterEach(async () => {
  broken = false;
  await berth.end();
});

const seen = (id: string) => berth.as('ada').getWorkspace({ params: { workspace: id } });

const givenStarting = async () => {
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'fragile' } });
  await vi.waitUntil(() => provider.has(id), { timeout: 60_000 });
  return { id, params: { workspace: id } };
};

const untilFailed = (id: string, build: number) =>
  expect.poll(() => seen(id)).toMatchObject({ status: 'failed', build: { number: build, status: 'failed' } });

const sweepNow = () => sweep(berth.runtime)({ everything: false });

describe('a delete that fails', () => {
  test('is retried after half a minute, then later each time, and at once on request', async () => {
    const { id, params } = await givenStarting();
    await berth.as('ada').deleteWorkspace({ params });
    await untilFailed(id, 2);
    ahead += 28_000;
    await sweepNow();
    // Also when the index still lists it as due.
    await retryUnfinished(berth.runtime.rules, id);
    expect((await seen(id)).build.number).toBe(2);
    ahead += 3_000;
    await untilFailed(id, 3);
    ahead += 55_000;
    await sweepNow();
    expect((await seen(id)).build.number).toBe(3);
    ahead += 6_000;
    await untilFailed(id, 4);

    await berth.as('ada').deleteWorkspace({ params });
    await untilFailed(id, 5);
    ahead += 31_000;
    await untilFailed(id, 6);
    expect(tries.filter((what) => what === 'destroy')).toHaveLength(5);

    broken = false;
    ahead += 61_000;
    await expect.poll(async () => (await seen(id)).status).toBe('deleted');
    expect(provider.has(id)).toBe(false);
  });
});

describe('a delete that hangs', () => {
  test('fails with the reason after an hour, and is retried by itself', async () => {
    const { id, params } = await givenStarting();
    [broken, hanging] = [false, true];
    await berth.as('ada').deleteWorkspace({ params });
    await expect.poll(() => tries.filter((what) => what === 'destroy').length).toBeGreaterThan(2);
    expect((await seen(id)).build.status).toBe('running');
    ahead += 61 * 60_000;
    await untilFailed(id, 2);
    expect((await seen(id)).failure?.message).toMatch(/^The volume is ending\. It did not finish within an hour/);
    hanging = false;
    ahead += 31_000;
    await expect.poll(async () => (await seen(id)).status).toBe('deleted');
  });
});

describe('a start that is canceled', () => {
  test('and cannot be cleaned up fails, and its stop is retried by itself', async () => {
    const { id, params } = await givenStarting();
    await berth.as('ada').stopWorkspace({ params });
    await untilFailed(id, 2);
    expect(await berth.as('ada').getBuild({ params: { ...params, build: 1 } })).toMatchObject({
      status: 'failed',
      failure: { error: 'compute_failed', message: 'The provider refuses.', action: 'Ask your administrator.' },
    });
    await sweepNow();
    expect(tries).toEqual(['stop', 'stop']);
    broken = false;
    ahead += 31_000;
    await expect.poll(async () => (await seen(id)).status).toBe('stopped');
    expect(provider.has(id) && provider.get(id)?.build === undefined).toBe(true);
  });
});
