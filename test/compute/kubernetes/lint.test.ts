import { expect, test } from 'vitest';
import { kubernetesPodSpec } from '../../../compute/kubernetes/spec/spec.ts';
import { readSpec } from '../../../core/templates/evaluation/compute-spec.ts';
import { testSettings } from './fixture.ts';
import { refusedSpecs } from './refused-specs.ts';

/**
 * What `berth template lint` and a push say of a spec that a cluster would refuse, most of it with a sentence of its
 * own.
 */
const problems = (spec: unknown): string[] => {
  const read = readSpec({ name: 'kubernetes-pod', spec: kubernetesPodSpec(testSettings()) }, spec);
  return read.ok ? [] : read.problems.map(({ path, detail }) => `${path.slice(2).join('.')} ${detail}`);
};
test.each(refusedSpecs)('refuses what a cluster would: %s', (problem, spec) => {
  const found = problems(spec);
  expect(found.length, found.join('\n')).toBe(1);
  expect(found[0]).toContain(problem);
});

test('refuses two spellings of one place to mount at, which a cluster finds out too late', () => {
  const mounted = { name: 'dev', image: 'debian:13', volumeMounts: [{ name: 'a', mountPath: '/data//' }] };
  const volumes = [{ name: 'a' }];
  expect(problems({ pod: { spec: { containers: [mounted] } }, volumes, home: { mountPath: '/data' } })).toEqual([
    'home.mountPath another volume is already mounted at "/data"',
  ]);
});
