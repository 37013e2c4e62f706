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

const held = { pods: 'pod', persistentvolumeclaims: 'volume claim', networkpolicies: 'network policy' };
const nameOf = (resource: Plural) =>
  ({ pods: `${id}-b1`, persistentvolumeclaims: `${id}-home`, networkpolicies: id })[resource];

describe.each(Object.entries(held) as [Plural, string][])('a finalizer that holds %s', (resource, word) => {
  const finalizer = 'example.com/billing';
  const destroy = () => fixture.kind.destroy(deleted(id));
  const waited = (progress: Progress) => (progress.settled ? 0 : progress.again);

  beforeEach(() => fixture.cluster.hold(resource, nameOf(resource), finalizer));

  test('is asked about ever more rarely, told of, and the end of the wait is a failure in words', async () => {
    await expect.poll(async () => (await destroy()).detail, { timeout: 10_000 }).toBe(`The ${word} is being deleted.`);
    fixture.pass(120_000);
    const progress = await destroy();
    expect(progress.detail).toMatch(
      new RegExp(`^The ${word} ${nameOf(resource)} has been held back for 2 minutes by the finalizer ${finalizer}\\.$`),
    );
    expect(waited(progress)).toBeGreaterThan(10_000);
    fixture.pass(20 * 60_000);
    expect(waited(await destroy())).toBe(60_000);
    fixture.pass(10 * 60_000);
    await expect(destroy()).rejects.toMatchObject({
      name: 'compute_failed',
      message: expect.stringMatching(
        /by the finalizer example\.com\/billing\. Ask your administrator to repair the component that set it/,
      ),
    });
  });

  test('is over when somebody removes it', async () => {
    await expect.poll(async () => (await destroy()).detail, { timeout: 10_000 }).toBe(`The ${word} is being deleted.`);
    fixture.cluster.unhold(resource, nameOf(resource));
    await settle(destroy);
    expect(await fixture.leftovers(id)).toEqual([]);
  });
});

test('half an hour of waiting for a held pod asks the cluster some dozens of times, not thousands', async () => {
  fixture.cluster.hold('pods', `${id}-b1`, 'example.com/billing');
  const before = fixture.cluster.requests.length;
  const wait = async (): Promise<void> => {
    const progress = await fixture.kind.stop({ id });
    if (progress.settled) throw new Error('it ended');
    fixture.pass(progress.again);
    return wait();
  };
  await expect(wait()).rejects.toMatchObject({ name: 'compute_failed' });
  expect(fixture.cluster.requests.length - before).toBeLessThan(120);
});
