import { describe, expect, test } from 'vitest';
import { runOf, settle } from '../contract.ts';
import { plainSpec } from './fixture.ts';
import { kubernetesSuite } from './suite.ts';

const suite = kubernetesSuite();

describe('a cluster with troubles of its own', () => {
  test.each([{ status: 429, retryAfter: '0' }, { status: 500 }, { status: 409 }, { silent: true as const }])(
    '%j is tried again',
    async (fault) => {
      suite.fixture.cluster.fail({ ...fault, method: 'PATCH', times: 2 });
      await suite.start();
      expect(await suite.kind.observe({ id: suite.id })).toMatchObject({ state: 'running' });
    },
  );

  test('one that stays busy is told so, after four attempts', async () => {
    suite.fixture.cluster.fail({ status: 503, message: 'the server is currently unable', times: 99, method: 'GET' });
    await expect(suite.kind.apply(runOf(suite.kind, plainSpec, suite.id))).rejects.toMatchObject({
      name: 'compute_unreachable',
      message: expect.stringMatching(/refused the pods: the server is currently unable\. Start again in a few minutes/),
    });
    expect(suite.fixture.cluster.requests).toHaveLength(4);
  });

  test('an apply that died after its effect is carried on', async () => {
    suite.fixture.cluster.fail({ status: 500, times: 4, path: /\/pods\// });
    await expect(suite.kind.apply(runOf(suite.kind, plainSpec, suite.id))).rejects.toThrow('refused');
    await suite.start();
    expect(suite.fixture.cluster.objects('pods')).toHaveLength(1);
  });

  test('a pod whose node is gone is given up after five minutes', async () => {
    suite.fixture.cluster.ordain(suite.id, { kind: 'stuck' });
    await suite.applyTwice();
    expect(await suite.kind.stop({ id: suite.id })).toMatchObject({ settled: false });
    suite.fixture.pass(30_000 + 299_000);
    expect(await suite.kind.stop({ id: suite.id })).toMatchObject({ settled: false });
    expect(suite.fixture.cluster.objects('pods')).toHaveLength(1);
    suite.fixture.pass(2_000);
    await settle(() => suite.kind.stop({ id: suite.id }));
    expect(await suite.kind.observe({ id: suite.id })).toMatchObject({ state: 'stopped' });
  });
});
