import { describe, expect, test } from 'vitest';
import { runOf, settle } from '../contract.ts';
import { plainSpec } from './fixture.ts';
import { kubernetesSuite } from './suite.ts';

describe('a cluster that does not respond', () => {
  const suite = kubernetesSuite({ requestTimeoutMs: 1_000 });

  test('is requested again after the timeout', async () => {
    suite.fixture.cluster.failRequests({ silent: true, method: 'PATCH', times: 2 });
    await suite.start();
    expect(await suite.kind.observe({ id: suite.id })).toMatchObject({ state: 'running' });
  });
});

describe('a cluster that fails', () => {
  const suite = kubernetesSuite();

  test.each([{ status: 429, retryAfter: '0' }, { status: 500 }, { status: 409 }])('retries after %j', async (fault) => {
    suite.fixture.cluster.failRequests({ ...fault, method: 'PATCH', times: 2 });
    await suite.start();
    expect(await suite.kind.observe({ id: suite.id })).toMatchObject({ state: 'running' });
  });

  test('reports a cluster that stays busy after four attempts', async () => {
    suite.fixture.cluster.failRequests({
      status: 503,
      message: 'the server is currently unable',
      times: 99,
      method: 'GET',
    });
    await expect(suite.kind.apply(runOf(suite.kind, plainSpec, suite.id))).rejects.toMatchObject({
      name: 'compute_unreachable',
      message: expect.stringMatching(/refused the pods: the server is currently unable\. Start again in a few minutes/),
    });
    expect(suite.fixture.cluster.requests).toHaveLength(4);
  });

  test('continues after an apply that failed half way', async () => {
    suite.fixture.cluster.failRequests({ status: 500, times: 4, path: /\/pods\// });
    await expect(suite.kind.apply(runOf(suite.kind, plainSpec, suite.id))).rejects.toThrow('refused');
    await suite.start();
    expect(suite.fixture.cluster.objects('pods')).toHaveLength(1);
  });

  test('force-deletes the pod of a lost node after five minutes', async () => {
    suite.fixture.cluster.setOutcome(suite.id, { kind: 'stuck' });
    await suite.applyTwice();
    expect(await suite.kind.stop({ id: suite.id })).toMatchObject({ settled: false });
    suite.fixture.advanceClock(30_000 + 290_000);
    expect(await suite.kind.stop({ id: suite.id })).toMatchObject({ settled: false });
    expect(suite.fixture.cluster.objects('pods')).toHaveLength(1);
    suite.fixture.advanceClock(15_000);
    await settle(() => suite.kind.stop({ id: suite.id }));
    expect(await suite.kind.observe({ id: suite.id })).toMatchObject({ state: 'stopped' });
  });
});
