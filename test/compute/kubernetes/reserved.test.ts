import { describe, expect, test } from 'vitest';
import { plainSpec } from './fixture.ts';
import { kubernetesSuite, withContainer } from './suite.ts';

const suite = kubernetesSuite();

describe('reserved names', () => {
  const refusals = (spec: unknown, of = suite.kind) =>
    (of.spec.safeParse(spec).error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`);

  test('accepts a grace period of 300 s', async () => {
    await suite.start(withContainer({}, { terminationGracePeriodSeconds: 300 }));
    expect(suite.pod().spec?.terminationGracePeriodSeconds).toBe(300);
  });

  const sidecar = (more: object) => ({ name: 'side', image: 'debian', ...more });
  const mounting = (name: string) => sidecar({ volumeMounts: [{ name, mountPath: '/there' }] });

  test.each(['berth-agent', 'berth-token', 'berth-ca', 'berth-run'])('refuses a template that mounts %s', (name) => {
    const at = (list: string) => [expect.stringContaining(`pod.spec.${list} "${name}" is for the agent alone`)];
    const { containers } = plainSpec.pod.spec;
    expect(refusals(withContainer({}, { containers: [...containers, mounting(name)] }))).toEqual(
      at('containers.1.volumeMounts.0.name'),
    );
    expect(refusals(withContainer({}, { initContainers: [mounting(name)] }))).toEqual(
      at('initContainers.0.volumeMounts.0.name'),
    );
    const device = sidecar({ volumeDevices: [{ name, devicePath: '/dev/x' }] });
    expect(refusals(withContainer({}, { initContainers: [device] }))).toEqual(
      at('initContainers.0.volumeDevices.0.name'),
    );
  });

  test('allows other containers to mount the home', () => {
    expect(refusals(withContainer({}, { initContainers: [mounting('home')] }))).toEqual([]);
  });

  test.each([
    [
      'pod.spec.containers.0.volumeMounts.0.mountPath is reserved',
      withContainer({ volumeMounts: [{ name: 'home', mountPath: '/var//run/./berth' }] }),
    ],
    [
      'pod.metadata.annotations Names below berth.dev/',
      { pod: { ...plainSpec.pod, metadata: { annotations: { 'berth.dev/build-id': 'x' } } } },
    ],
    [
      'pod.spec.containers.0.command must not be set, because the agent runs',
      withContainer({ command: ['sleep', '1'] }),
    ],
    [
      'pod.spec.containers.0.env.0.name is set by Berth',
      withContainer({ env: [{ name: 'BERTH_AGENT_TOKEN_FILE', value: 'x' }] }),
    ],
    [
      'pod.spec.containers.0.volumeMounts.0.mountPath is reserved',
      withContainer({ volumeMounts: [{ name: 'home', mountPath: '/berth/bin' }] }),
    ],
    ['pod.spec.containers.0.image is missing', { pod: { spec: { containers: [{ name: 'dev' }] } } }],
    [
      'pod.spec.volumes.0.name "berth-agent" is a volume that Berth adds',
      withContainer({}, { volumes: [{ name: 'berth-agent' }] }),
    ],
    [
      'pod.spec.serviceAccountName "admin" is not a service account',
      withContainer({}, { serviceAccountName: 'admin' }),
    ],
    [
      'pod.metadata.labels Names below berth.dev/',
      { pod: { ...plainSpec.pod, metadata: { labels: { 'berth.dev/workspace': 'x' } } } },
    ],
    ['container must name one of', { ...plainSpec, container: 'other' }],
    ['home.mountPath Use a path', { ...plainSpec, home: { mountPath: '/home/../etc' } }],
    ['volumes.1.name "a" is duplicated', { ...plainSpec, volumes: [{ name: 'a' }, { name: 'a' }] }],
  ])('refuses conflicts with what Berth sets: %s', (problem, spec) => {
    expect(refusals(spec)).toEqual([expect.stringContaining(problem)]);
  });
});
