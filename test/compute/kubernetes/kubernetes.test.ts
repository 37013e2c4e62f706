import { describe, expect, test } from 'vitest';
import { kubernetesPodKind } from '../../../compute/kubernetes/kubernetes.ts';
import { computeContract, deleted, runOf, settle } from '../contract.ts';
import { openKubernetesFixture, plainSpec, testSettings } from './fixture.ts';
import { kubernetesSuite } from './suite.ts';

computeContract('kubernetes-pod', () => openKubernetesFixture());

describe('the kind kubernetes-pod', () => {
  const suite = kubernetesSuite();

  test('ignores a late call for an older build, also after the newer one was stopped', async () => {
    await suite.start(plainSpec, 2);
    await settle(() => suite.kind.stop({ id: suite.id }));
    expect(await suite.kind.apply(runOf(suite.kind, plainSpec, suite.id, 1))).toMatchObject({ settled: true });
    expect(suite.fixture.cluster.objects('pods')).toEqual([]);
  });

  test('is invisible to another Berth in the same namespace, which deletes nothing of it', async () => {
    await suite.start();
    const other = kubernetesPodKind({
      api: suite.fixture.api,
      settings: testSettings({ installation: 'other' }),
      clock: () => new Date(),
    });
    expect(await Array.fromAsync(other.listOwned())).toEqual([]);
    await settle(() => other.destroy(deleted(suite.id)));
    expect([suite.policy(), ...suite.claims()].map(({ metadata }) => metadata?.name)).toEqual([
      suite.id,
      `${suite.id}-home`,
    ]);
    expect(await suite.kind.observe({ id: suite.id })).toMatchObject({ state: 'running' });
  });

  test('starts a workspace with at most eight requests', async () => {
    await suite.start();
    const requests = suite.fixture.cluster.requests.length;
    // It lists pods, gets policy and claims, applies three objects, and observes the pod once or twice.
    expect(requests).toBeLessThanOrEqual(8);
  });
});
