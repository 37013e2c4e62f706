import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Progress } from '../../../core/ports/compute-kind.ts';
import { deleted, newWorkspaceId, runOf, settle } from '../contract.ts';
import { type KubernetesFixture, openKubernetesFixture, plainSpec } from './fixture.ts';
import type { Plural } from './strict.ts';

let fixture: KubernetesFixture;
let id: string;
beforeEach(async () => {
  fixture = await openKubernetesFixture();
  id = newWorkspaceId();
  await settle(() => fixture.kind.apply(runOf(fixture.kind, plainSpec, id)));
});
afterEach(() => fixture.close());

const typeNames = { pods: 'pod', persistentvolumeclaims: 'volume claim', networkpolicies: 'network policy' };
const nameOf = (resource: Plural) =>
  ({ pods: `${id}-b1`, persistentvolumeclaims: `${id}-home`, networkpolicies: id })[resource];

describe.each(Object.entries(typeNames) as [Plural, string][])('a finalizer on %s', (resource, word) => {
  const finalizer = 'example.com/billing';
  const destroy = () => fixture.kind.destroy(deleted(id));
  const waited = (progress: Progress) => (progress.settled ? 0 : progress.again);

  beforeEach(() => fixture.cluster.addFinalizer(resource, nameOf(resource), finalizer));

  test('is reported, checked with growing pauses, and fails the deletion after half an hour', async () => {
    await expect.poll(async () => (await destroy()).detail, { timeout: 30_000 }).toBe(`The ${word} is being deleted.`);
    fixture.advanceClock(120_000);
    const progress = await destroy();
    expect(progress.detail).toMatch(
      new RegExp(`^The ${word} ${nameOf(resource)} has been held back for 2 minutes by the finalizer ${finalizer}\\.$`),
    );
    expect(waited(progress)).toBeGreaterThan(10_000);
    fixture.advanceClock(20 * 60_000);
    expect(waited(await destroy())).toBe(60_000);
    fixture.advanceClock(10 * 60_000);
    await expect(destroy()).rejects.toMatchObject({
      name: 'compute_failed',
      message: expect.stringMatching(
        /by the finalizer example\.com\/billing\. Ask your administrator to repair the component that set it/,
      ),
    });
  });

  test('no longer blocks the deletion once it is removed', async () => {
    await expect.poll(async () => (await destroy()).detail, { timeout: 30_000 }).toBe(`The ${word} is being deleted.`);
    fixture.cluster.removeFinalizers(resource, nameOf(resource));
    await settle(destroy);
    expect(await fixture.leftovers(id)).toEqual([]);
  });
});

test('half an hour of waiting for a pod with a finalizer takes fewer than 120 requests', async () => {
  fixture.cluster.addFinalizer('pods', `${id}-b1`, 'example.com/billing');
  const before = fixture.cluster.requests.length;
  const wait = async (): Promise<void> => {
    const progress = await fixture.kind.stop({ id });
    if (progress.settled) throw new Error('the pod was deleted');
    fixture.advanceClock(progress.again);
    return wait();
  };
  await expect(wait()).rejects.toMatchObject({ name: 'compute_failed' });
  expect(fixture.cluster.requests.length - before).toBeLessThan(120);
});
