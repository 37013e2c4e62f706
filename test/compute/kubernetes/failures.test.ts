import { describe, expect, test } from 'vitest';
import { plainSpec } from './fixture.ts';
import type { PodOutcome } from './kubelet.ts';
import { kubernetesSuite } from './suite.ts';

const suite = kubernetesSuite();

describe('the message of a failed start', () => {
  const waiting = (reason: string, message: string): PodOutcome => ({ kind: 'waiting', reason, message });
  const failure = async () => {
    await expect(suite.applyTwice()).rejects.toMatchObject({ name: 'compute_failed' });
    return suite.applyTwice().catch((error: Error) => error.message);
  };

  test.each<[string, PodOutcome, RegExp]>([
    [
      'an image that does not exist',
      waiting('ImagePullBackOff', 'Back-off: debian:13: manifest unknown'),
      /image debian:13 .* cannot be pulled: .*Check the image's name/,
    ],
    [
      'an image that the cluster may not pull',
      waiting('ErrImagePull', '403 Forbidden'),
      /cannot be pulled.*may pull it/,
    ],
    ['an invalid image name', waiting('InvalidImageName', 'x'), /does not have a valid name/],
    [
      'a missing secret',
      waiting('CreateContainerConfigError', 'secret "git" not found'),
      /secret "git" not found\. Correct the template/,
    ],
    [
      'too little memory',
      { kind: 'ended', reason: 'OOMKilled', exitCode: 137 },
      /exceeded its memory limit.*Choose more memory/,
    ],
    [
      'a container that ended by itself',
      { kind: 'ended', reason: 'Error', exitCode: 3, message: 'bad\nflag' },
      /exit code 3: bad flag/,
    ],
    [
      'an agent that the gateway refused',
      { kind: 'ended', reason: 'Error', exitCode: 41 },
      /gateway refused this agent/,
    ],
    [
      'an init container that fails',
      { kind: 'ended', reason: 'Error', exitCode: 1, container: 'berth-agent' },
      /berth-agent ended with exit code 1/,
    ],
  ])('%s', async (_, outcome, pattern) => {
    suite.fixture.cluster.setOutcome(suite.id, outcome);
    expect(await failure()).toMatch(pattern);
  });

  test.each<[string, string, RegExp]>([
    ['too little capacity', '0/3 nodes are available: 3 Insufficient cpu.', /no node has enough free cpu or memory/],
    ['untolerated taints', '0/3 nodes are available: 3 node(s) had untolerated taint {gpu: true}.', /no node matches/],
    [
      'a volume in another zone',
      '0/3 nodes are available: 3 node(s) had volume node affinity conflict.',
      /zone without capacity/,
    ],
  ])('no node: %s, after the scheduling timeout', async (_, message, pattern) => {
    suite.fixture.cluster.setOutcome(suite.id, { kind: 'unschedulable', message });
    expect(await suite.applyTwice()).toMatchObject({ settled: false, detail: expect.stringMatching(pattern) });
    suite.fixture.advanceClock(290_000);
    expect(await suite.applyTwice()).toMatchObject({ settled: false, again: 10_000 });
    suite.fixture.advanceClock(15_000);
    expect(await failure()).toMatch(pattern);
  });

  test('tolerates a registry’s outage of up to three minutes', async () => {
    suite.fixture.cluster.setOutcome(suite.id, waiting('ImagePullBackOff', 'dial tcp: i/o timeout'));
    expect(await suite.applyTwice()).toMatchObject({ settled: false });
    suite.fixture.advanceClock(181_000);
    expect(await failure()).toMatch(/i\/o timeout/);
  });

  test.each([
    [
      'Pod',
      'b1',
      'FailedMount',
      'MountVolume.SetUp failed: configmap "company-ca" not found',
      /cannot be mounted: .*company-ca/,
    ],
    ['Pod', 'b1', 'FailedAttachVolume', 'Multi-Attach error', /cannot be attached to its node: Multi-Attach/],
    [
      'PersistentVolumeClaim',
      'home',
      'ProvisioningFailed',
      'storageclass "fast" not found',
      /cannot be created: storageclass "fast"/,
    ],
  ])('a problem that only events of a %s report (%s %s)', async (of, name, reason, message, pattern) => {
    suite.fixture.cluster.setOutcome(suite.id, { kind: 'stuck' });
    suite.fixture.cluster.reportEvent(of, `${suite.id}-${name}`, reason, message);
    expect(await suite.applyTwice()).toMatchObject({ settled: false, detail: 'The pod is starting.' });
    suite.fixture.advanceClock(11_000);
    expect(await suite.applyTwice()).toMatchObject({ settled: false, detail: expect.stringMatching(pattern) });
    suite.fixture.advanceClock(180_000);
    expect(await failure()).toMatch(pattern);
  });

  test('shows links without their signatures', async () => {
    suite.fixture.cluster.setOutcome(
      suite.id,
      waiting('ErrImagePull', 'get https://s3.example/layer?X-Amz-Signature=abc: denied'),
    );
    expect(await failure()).not.toContain('abc');
  });

  test('observes an eviction of a running pod', async () => {
    await suite.start();
    await suite.fixture.cluster.evict(`${suite.id}-b1`, 'The node was low on resource: memory.');
    expect(await suite.kind.observe({ id: suite.id })).toEqual({
      state: 'failed',
      buildId: `${suite.id}-b1`,
      detail: 'The cluster evicted the workspace: The node was low on resource: memory. Start it again.',
    });
    await suite.start(plainSpec, 2);
    expect(await suite.kind.observe({ id: suite.id })).toMatchObject({ state: 'running', buildId: `${suite.id}-b2` });
  });
});
