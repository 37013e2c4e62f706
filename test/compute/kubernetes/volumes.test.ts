import { describe, expect, test } from 'vitest';
import type { KubernetesApi } from '../../../compute/kubernetes/api/client.ts';
import { kubernetesPodKind } from '../../../compute/kubernetes/kubernetes.ts';
import { runOf, settle } from '../contract.ts';
import { plainSpec, testSettings } from './fixture.ts';
import { kubernetesSuite } from './suite.ts';

const suite = kubernetesSuite();
const { claims, stop } = suite;

const withHome = (home: object) => ({ ...plainSpec, home });
const apply = (home: object, number: number) => suite.apply(withHome(home), number);
/** Starts the build, and returns the progress of a call after it runs. */
const start = async (home: object, number = 1) => {
  await suite.start(withHome(home), number);
  return apply(home, number);
};
const claim = () => claims()[0];
const sizeOf = () => claim()?.spec?.resources?.requests?.['storage'];

describe('volumes', () => {
  test('grow with the template, never shrink, and keep their storage class', async () => {
    await start({ size: '2048Mi' });
    expect(claims()[0]?.spec).toMatchObject({ storageClassName: 'standard', accessModes: ['ReadWriteOnce'] });
    await stop();
    await start({ size: '5Gi', storageClass: 'fast' }, 2);
    expect(sizeOf()).toBe('5Gi');
    await stop();
    await start({ size: '1Gi' }, 3);
    expect(sizeOf()).toBe('5Gi');
    expect(claims()[0]?.spec?.storageClassName).toBe('standard');
  });

  test('do not include a home with persistent: false', async () => {
    await start({ persistent: false, size: '2Gi' });
    expect(claims()).toEqual([]);
    expect(suite.pod().spec?.volumes).toContainEqual({ name: 'home', emptyDir: { sizeLimit: '2Gi' } });
  });
});

describe('a claim without a volume', () => {
  const mistyped = { size: '10Gi', storageClass: 'gp33' };

  test('is reported immediately', async () => {
    await apply(mistyped, 1);
    expect(await apply(mistyped, 1)).toMatchObject({
      settled: false,
      detail: expect.stringMatching(/a volume of the workspace does not exist yet.*unbound immediate/),
    });
  });

  test.each([
    ['its class is corrected', { size: '10Gi', storageClass: 'fast' }, 'fast', '10Gi'],
    ['its class is left to the default', { size: '10Gi' }, 'standard', '10Gi'],
    ['its size is raised', { size: '20Gi', storageClass: 'fast' }, 'fast', '20Gi'],
    ['its size is lowered', { size: '1Gi', storageClass: 'fast' }, 'fast', '1Gi'],
  ])('is created again when %s', async (_, home, storageClass, size) => {
    await apply(mistyped, 1);
    await stop();
    await start(home, 2);
    expect(claim()?.spec).toMatchObject({ storageClassName: storageClass, volumeName: expect.any(String) });
    expect(sizeOf()).toBe(size);
  });

  test('is kept when it is bound just before its deletion', async () => {
    await apply(mistyped, 1);
    await stop();
    const uid = claim()?.metadata?.uid;
    const removeUnchanged: KubernetesApi['removeUnchanged'] = async (...seen) => {
      suite.fixture.cluster.bind(`${suite.id}-home`);
      await suite.fixture.api.removeUnchanged(...seen);
    };
    const api = { ...suite.fixture.api, removeUnchanged };
    const kind = kubernetesPodKind({ api, settings: testSettings(), clock: () => new Date() });
    await settle(() => kind.apply(runOf(kind, withHome({ size: '10Gi', storageClass: 'fast' }), suite.id, 2)));
    expect(claim()?.metadata?.uid).toBe(uid);
  });
});

describe('a claim with a volume', () => {
  test('that cannot grow keeps its size, and the start succeeds with a notice', async () => {
    await start({ size: '10Gi', storageClass: 'fixed' });
    await stop();
    expect(await start({ size: '20Gi', storageClass: 'fixed' }, 2)).toMatchObject({
      settled: true,
      notice:
        'The volume home stays at 10Gi instead of 20Gi, because its storage class does not allow expansion. Ask your administrator to set allowVolumeExpansion.',
    });
    expect(sizeOf()).toBe('10Gi');
    await stop();
    expect(await start({ size: '10Gi', storageClass: 'fixed' }, 3)).not.toHaveProperty('notice');
  });

  test('is never created again', async () => {
    await start({ size: '10Gi', storageClass: 'fast' });
    const uid = claim()?.metadata?.uid;
    await stop();
    await start({ size: '5Gi', storageClass: 'standard' }, 2);
    expect(claim()?.metadata?.uid).toBe(uid);
    expect(claim()?.spec?.storageClassName).toBe('fast');
  });
});
