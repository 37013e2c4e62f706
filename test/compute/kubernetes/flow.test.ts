import type { V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { kubernetesClient } from '../../../compute/kubernetes/api/client.ts';
import { kubernetesPodKind } from '../../../compute/kubernetes/kubernetes.ts';
import { tokenReview } from '../../../compute/kubernetes/token-review.ts';
import type { ComputeKind } from '../../../core/ports/compute-kind.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { ended, givenCli } from '../../support/clients/cli.ts';
import { agentBundle } from '../../support/processes/agent-bundle.ts';
import { type ClusterDouble, startCluster } from './api.ts';
import { accessTo, clusterToken, testSettings } from './fixture.ts';

/** End-to-end flows of a local Berth over a cluster double, with real handlers, workflows and agents. */
const template = `
name: pod
parameters:
  - { name: image, type: string, default: 'debian:13' }
  - { name: pause, type: number, default: 0 }
compute:
  kind: kubernetes-pod
  spec:
    pod: { spec: { containers: [{ name: dev, image: '\${{ parameters.image }}' }] } }
agent:
  startup: |
    echo kept >> "$HOME/visits"
    wc -l < "$HOME/visits"
    sleep "$BERTH_PARAM_PAUSE"
`;

/** Published while the administrator still allowed it; the permission was revoked afterwards. */
const privileged = `
name: privileged
compute:
  kind: kubernetes-pod
  spec:
    privileged: true
    pod: { spec: { containers: [{ name: dev, image: 'debian:13' }] } }
`;

let passed = 0;
const clock = () => new Date(Date.now() + passed);
let cluster: ClusterDouble;
let berth: TestBerth;

beforeEach(async () => {
  passed = 0;
  cluster = await startCluster({ agentFile: await agentBundle(), clock, token: clusterToken });
  const api = kubernetesClient({ ...accessTo(cluster), namespace: 'berth', pauseMs: 5 });
  const kind = kubernetesPodKind({ api, settings: testSettings(), clock });
  berth = await givenBerth({
    templateFolders: [givenTemplates({ pod: template, privileged })],
    moreKinds: [kind as ComputeKind<unknown>],
    identities: { kubernetes: tokenReview(accessTo(cluster), 'berth') },
    limits: { privilegedTemplates: ['other'] },
    sweepEveryMs: 200,
    clock,
  });
});
afterEach(async () => {
  await berth.end();
  await cluster.close();
});

const created = (parameters = {}) =>
  berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'pod', parameters } });
const startupLog = async (build: number) => {
  const { chunks } = await berth.as('ada').getBuildLog({ params: { workspace: 'demo', build, step: 'startup' } });
  return chunks.map(({ text }) => text.trim()).join('');
};
const podNames = () => cluster.objects<V1Pod>('pods').map(({ metadata }) => metadata?.name);

test('a pod starts, its agent authenticates and becomes ready; it stops, starts again with its home, and is deleted', async () => {
  const ada = berth.as('ada');
  const { id } = await created();
  const running = await untilStatus(ada, id, 'running');
  expect(running.agent?.status).toBe('ready');
  expect(podNames()).toEqual([`${id}-b1`]);

  await ada.stopWorkspace({ params: { workspace: 'demo' } });
  await untilStatus(ada, id, 'stopped');
  expect(podNames()).toEqual([]);
  await ada.startWorkspace({ params: { workspace: 'demo' }, body: {} });
  await untilStatus(ada, id, 'running');
  expect(await startupLog(3)).toBe('2');

  await ada.deleteWorkspace({ params: { workspace: 'demo' } });
  await untilStatus(ada, id, 'deleted');
  for (const resource of ['pods', 'persistentvolumeclaims', 'networkpolicies'] as const) {
    expect(cluster.objects(resource)).toEqual([]);
  }
});

test('an evicted pod is started again with its home', async () => {
  const ada = berth.as('ada');
  const { id } = await created();
  await untilStatus(ada, id, 'running');
  await cluster.evict(`${id}-b1`, 'The node was low on resource: memory.');
  await vi.waitUntil(
    async () => {
      const seen = await ada.getWorkspace({ params: { workspace: id } });
      return seen.agent?.status === 'disconnected';
    },
    { timeout: 30_000 },
  );
  passed = 30_000;
  await vi.waitUntil(async () => podNames().includes(`${id}-b2`), { timeout: 30_000 });
  const repaired = await untilStatus(ada, id, 'running');
  expect(repaired.build).toMatchObject({ number: 2, reason: 'repair' });
  expect(podNames()).toEqual([`${id}-b2`]);
  expect(await startupLog(2)).toBe('2');
});

test('a pod that is evicted during the startup script fails that step with the reason', async () => {
  const ada = berth.as('ada');
  const { id } = await created({ pause: 60 });
  const startup = async () => {
    const { steps } = await ada.getBuild({ params: { workspace: id, build: 1 } });
    return steps.find(({ name }) => name === 'startup');
  };
  await vi.waitUntil(async () => (await startup())?.status === 'running', { timeout: 30_000 });
  await cluster.evict(`${id}-b1`, 'The node was low on resource: memory.');
  await ada.stopWorkspace({ params: { workspace: id } });
  await untilStatus(ada, id, 'stopped');
  expect(await startup()).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('low on resource: memory'),
  });
});

test('the API and the command line show what a start waits for, until the build ends', async () => {
  const ada = berth.as('ada');
  const message = '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available.';
  cluster.setOutcome('*', { kind: 'unschedulable', message });
  const { id } = await created();
  const compute = async () => {
    const { steps } = await ada.getBuild({ params: { workspace: id, build: 1 } });
    return steps.find(({ name }) => name === 'compute');
  };
  const waitMessage =
    /^No node can run the workspace: no node has enough free cpu or memory \(.*3 Insufficient cpu.*Choose a smaller size/;
  await vi.waitUntil(async () => waitMessage.test((await compute())?.message ?? ''), { timeout: 30_000 });
  expect((await compute())?.status).toBe('running');

  const cli = givenCli(['start', 'demo', '--wait'], { BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') });
  const exited = ended(cli);
  let seen = '';
  cli.stderr.on('data', (data: Buffer) => {
    seen += data.toString();
  });
  await vi.waitUntil(() => /No node can run the workspace: .*3 Insufficient cpu/.test(seen), { timeout: 30_000 });
  await ada.stopWorkspace({ params: { workspace: id } });
  await untilStatus(ada, id, 'stopped');
  expect(await compute()).not.toHaveProperty('message');
  expect((await exited).code).not.toBe(0);
});

test('a start survives a restart of the API server, and shows that the platform does not respond', async () => {
  const ada = berth.as('ada');
  cluster.refuseConnections(true);
  const { id } = await created();
  const compute = async () => {
    const { steps } = await ada.getBuild({ params: { workspace: id, build: 1 } });
    return steps.find(({ name }) => name === 'compute');
  };
  await vi.waitUntil(async () => (await compute())?.message?.includes('does not respond'), {
    timeout: 30_000,
  });
  cluster.refuseConnections(false);
  await untilStatus(ada, id, 'running');
  expect(await compute()).toMatchObject({ status: 'succeeded' });
});

test('an image that cannot be pulled fails the build with the reason and leaves no pod; another image starts', async () => {
  const ada = berth.as('ada');
  const cannot = 'Failed to pull image "debian:31": manifest unknown';
  cluster.setOutcome('*', { kind: 'waiting', reason: 'ErrImagePull', message: cannot });
  const { id } = await created({ image: 'debian:31' });
  const failed = await untilStatus(ada, id, 'failed');
  expect(failed.failure).toMatchObject({
    error: 'compute_failed',
    message: expect.stringMatching(/^The image debian:31 of the container dev cannot be pulled: .*manifest unknown\.$/),
    action: "Check the image's name and tag in the template, and that the cluster may pull it.",
  });
  expect(podNames()).toEqual([]);

  cluster.setOutcome('*', undefined);
  await ada.startWorkspace({ params: { workspace: 'demo' }, body: { parameters: { image: 'debian:13' } } });
  await untilStatus(ada, id, 'running');
});

test('a privileged template that is not allowed is refused when the workspace is created', async () => {
  const ada = berth.as('ada');
  await expect(
    ada.createWorkspace({ body: { name: 'demo', template: 'privileged', parameters: {} } }),
  ).rejects.toMatchObject({
    error: 'invalid_template',
    message: expect.stringMatching(/requests a privileged pod.*privilegedTemplates/),
  });
  expect((await ada.listWorkspaces({ query: {} })).items).toEqual([]);
});

test('an agent with another pod’s token is refused', async () => {
  const { id } = await created();
  await untilStatus(berth.as('ada'), id, 'running');
  const token = (pod: string) => `header.${Buffer.from(pod).toString('base64url')}.signature`;
  const authenticate = (pod: string) =>
    fetch(`${berth.url}/agent/sign-on`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'kubernetes', workspaceId: id, token: token(pod) }),
    });
  expect((await authenticate(`${id}-b1`)).status).toBe(200);
  expect((await authenticate(`${id}-b2`)).status).toBe(401);
  expect((await authenticate('ws-00000000000000000000000001-b1')).status).toBe(401);
});
