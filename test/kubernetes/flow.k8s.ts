import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { mayReviewTokens, tokenReview } from '../../compute/kubernetes/token-review.ts';
import type { ComputeKind } from '../../core/ports/compute-kind.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../support/berth.ts';
import { openRealFixture, type RealCluster, type RealFixture, startRealCluster } from './fixture.ts';

/** A local Berth over a real API server, with the permissions of berth.yaml and local.yaml and the real agent. */
const template = `
name: pod
compute:
  kind: kubernetes-pod
  spec: { pod: { spec: { containers: [{ name: dev, image: 'debian:13' }] } } }
`;

let cluster: RealCluster;
let fixture: RealFixture;
let berth: TestBerth;
beforeAll(async () => {
  cluster = await startRealCluster();
});
afterAll(() => cluster?.close());
beforeEach(async () => {
  fixture = await openRealFixture(cluster);
  berth = await givenBerth({
    templateFolders: [givenTemplates({ pod: template })],
    moreKinds: [fixture.open() as ComputeKind<unknown>],
    identities: { kubernetes: tokenReview(cluster.plane.berth, fixture.namespace) },
    sweepEveryMs: 1_000,
  });
});
afterEach(async () => {
  await berth?.end();
  await fixture?.close();
});

const created = () => berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'pod', parameters: {} } });

test('a workspace is created, authenticates its agent by its token, stops, starts again and is deleted', async () => {
  const ada = berth.as('ada');
  const { id } = await created();
  expect((await untilStatus(ada, id, 'running')).agent?.status).toBe('ready');
  await ada.stopWorkspace({ params: { workspace: id } });
  await untilStatus(ada, id, 'stopped');
  await ada.startWorkspace({ params: { workspace: id }, body: {} });
  await untilStatus(ada, id, 'running');
  await ada.deleteWorkspace({ params: { workspace: id } });
  await untilStatus(ada, id, 'deleted');
  expect(await fixture.leftovers(id)).toEqual([]);
});

test('a start survives an outage of the API server of 48 s, and shows that the platform does not respond', async () => {
  const ada = berth.as('ada');
  await cluster.plane.stopApiServer();
  const { id } = await created();
  await pause(48_000);
  const { steps } = await ada.getBuild({ params: { workspace: id, build: 1 } });
  expect(steps.find(({ name }) => name === 'compute')).toMatchObject({
    status: 'running',
    message: expect.stringContaining('does not respond'),
  });
  await cluster.plane.startApiServer();
  const state = async () => {
    const { status, failure } = await ada.getWorkspace({ params: { workspace: id } });
    return failure?.message ?? status;
  };
  // Scheduler and controllers reconnect with their own back-off.
  await expect.poll(state, { timeout: 180_000, interval: 500 }).toBe('running');
}, 300_000);

test('only the group in local.yaml may review tokens', async () => {
  expect(await mayReviewTokens(cluster.plane.berth)).toBe(true);
  expect(await mayReviewTokens(cluster.plane.stranger)).toBe(false);
});
