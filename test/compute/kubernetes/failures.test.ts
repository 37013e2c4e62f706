import { describe, expect, test } from 'vitest';
import { plainSpec } from './fixture.ts';
import type { Fate } from './kubelet.ts';
import { kubernetesSuite } from './suite.ts';

const suite = kubernetesSuite();

describe('failures in words', () => {
  const waiting = (reason: string, message: string): Fate => ({ kind: 'waiting', reason, message });
  const fails = async () => {
    await expect(suite.applyTwice()).rejects.toMatchObject({ name: 'compute_failed' });
    return suite.applyTwice().catch((error: Error) => error.message);
  };

  test.each<[string, Fate, RegExp]>([
    [
      'an image that is not there',
      waiting('ImagePullBackOff', 'Back-off: debian:13: manifest unknown'),
      /image debian:13 .* cannot be pulled: .*Check the image's name/,
    ],
    [
      'an image that the cluster may not have',
      waiting('ErrImagePull', '403 Forbidden'),
      /cannot be pulled.*may pull it/,
    ],
    ['a name that is none', waiting('InvalidImageName', 'x'), /does not have a valid name/],
    [
      'a secret that is missing',
      waiting('CreateContainerConfigError', 'secret "git" not found'),
      /secret "git" not found\. Correct the template/,
    ],
    [
      'too little memory',
      { kind: 'ended', reason: 'OOMKilled', exitCode: 137 },
      /exceeded its memory limit.*Choose more memory/,
    ],
    [
      'an end of its own',
      { kind: 'ended', reason: 'Error', exitCode: 3, message: 'bad\nflag' },
      /exit code 3: bad flag/,
    ],
    [
      'an agent that the gateway refuses',
      { kind: 'ended', reason: 'Error', exitCode: 41 },
      /gateway refused this agent/,
    ],
    [
      'an init container that fails',
      { kind: 'ended', reason: 'Error', exitCode: 1, container: 'berth-agent' },
      /berth-agent ended with exit code 1/,
    ],
  ])('%s', async (_, fate, words) => {
    suite.fixture.cluster.ordain(suite.id, fate);
    expect(await fails()).toMatch(words);
  });

  test.each<[string, string, RegExp]>([
    ['too little room', '0/3 nodes are available: 3 Insufficient cpu.', /no node has enough free cpu or memory/],
    [
      'nodes of another kind',
      '0/3 nodes are available: 3 node(s) had untolerated taint {gpu: true}.',
      /no node matches/,
    ],
    [
      'a volume in another zone',
      '0/3 nodes are available: 3 node(s) had volume node affinity conflict.',
      /zone without capacity/,
    ],
  ])('no node: %s, once the patience for a new node is over', async (_, message, words) => {
    suite.fixture.cluster.ordain(suite.id, { kind: 'unschedulable', message });
    expect(await suite.applyTwice()).toMatchObject({ settled: false, detail: expect.stringMatching(words) });
    suite.fixture.pass(299_000);
    expect(await suite.applyTwice()).toMatchObject({ settled: false, again: 10_000 });
    suite.fixture.pass(2_000);
    expect(await fails()).toMatch(words);
  });

  test('a registry’s bad minute is waited for, and no longer than three', async () => {
    suite.fixture.cluster.ordain(suite.id, waiting('ImagePullBackOff', 'dial tcp: i/o timeout'));
    expect(await suite.applyTwice()).toMatchObject({ settled: false });
    suite.fixture.pass(181_000);
    expect(await fails()).toMatch(/i\/o timeout/);
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
  ])('what only the events of a %s tell (%s %s)', async (of, name, reason, message, words) => {
    suite.fixture.cluster.ordain(suite.id, { kind: 'stuck' });
    suite.fixture.cluster.report(of, `${suite.id}-${name}`, reason, message);
    expect(await suite.applyTwice()).toMatchObject({ settled: false, detail: 'The pod is starting.' });
    suite.fixture.pass(11_000);
    expect(await suite.applyTwice()).toMatchObject({ settled: false, detail: expect.stringMatching(words) });
    suite.fixture.pass(180_000);
    expect(await fails()).toMatch(words);
  });

  test('links are told without their signatures', async () => {
    suite.fixture.cluster.ordain(
      suite.id,
      waiting('ErrImagePull', 'get https://s3.example/layer?X-Amz-Signature=abc: denied'),
    );
    expect(await fails()).not.toContain('abc');
  });

  test('an eviction is seen while it runs', async () => {
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
