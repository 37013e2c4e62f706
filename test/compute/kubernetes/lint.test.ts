import { expect, test } from 'vitest';
import { kubernetesPodSpec } from '../../../compute/kubernetes/spec/spec.ts';
import { readSpec } from '../../../core/templates/evaluation/compute-spec.ts';
import { testSettings } from './fixture.ts';
import { refusedSpecs } from './refused-specs.ts';

/** What `berth template lint` and a push report for a spec. */
const problems = (spec: unknown): string[] => {
  const read = readSpec({ name: 'kubernetes-pod', spec: kubernetesPodSpec(testSettings()) }, spec);
  return read.ok ? [] : read.problems.map(({ path, detail }) => `${path.slice(2).join('.')} ${detail}`);
};
test.each(refusedSpecs)('refuses a spec that a cluster would refuse: %s', (problem, spec) => {
  const found = problems(spec);
  expect(found.length, found.join('\n')).toBe(1);
  expect(found[0]).toContain(problem);
});

test('refuses two spellings of one mount path, which a cluster would only detect at the start of the container', () => {
  const mounted = { name: 'dev', image: 'debian:13', volumeMounts: [{ name: 'a', mountPath: '/data//' }] };
  const volumes = [{ name: 'a' }];
  expect(problems({ pod: { spec: { containers: [mounted] } }, volumes, home: { mountPath: '/data' } })).toEqual([
    'home.mountPath another volume is already mounted at "/data"',
  ]);
});
