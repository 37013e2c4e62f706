import { describe, expect, test } from 'vitest';
import { kubernetesPodKind } from '../../../compute/kubernetes/kubernetes.ts';
import { computeContract, deleted, runOf, settle } from '../contract.ts';
import { openKubernetesFixture, plainSpec, testSettings } from './fixture.ts';
import { kubernetesSuite } from './suite.ts';

computeContract('kubernetes-pod', () => openKubernetesFixture());

describe('the kind kubernetes-pod', () => {
  const suite = kubernetesSuite();

  test('a late call for an older build does nothing, also when the newer one was stopped', async () => {
    await suite.start(plainSpec, 2);
    await settle(() => suite.kind.stop({ id: suite.id }));
    expect(await suite.kind.apply(runOf(suite.kind, plainSpec, suite.id, 1))).toMatchObject({ settled: true });
    expect(suite.fixture.cluster.objects('pods')).toEqual([]);
  });

  test('another Berth in the same namespace sees nothing of it, and takes nothing away', async () => {
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

  test('a start asks the cluster for few things', async () => {
    await suite.start();
    const asked = suite.fixture.cluster.requests.length;
    // List, policy, claims; three applied; and a look or two at how it goes.
    expect(asked).toBeLessThanOrEqual(8);
  });
});
