import { expect, test } from 'vitest';
import { count, failures, type Report } from './report.ts';

const file = (name: string, ...statuses: string[]): Report['testResults'][number] => ({
  name,
  status: statuses.includes('failed') ? 'failed' : 'passed',
  message: '',
  assertionResults: statuses.map((status, n) => ({ status, fullName: `test ${n}`, failureMessages: [] })),
});
const report = (...testResults: Report['testResults']): Report => ({ testResults });

test('passed and failed tests are counted; skipped ones are neither', () => {
  expect(count(1, report(file('a', 'passed', 'failed', 'skipped'), file('b', 'passed')))).toEqual({
    passed: 2,
    failed: 1,
  });
});

test('a file that ran again counts as it did the second time', () => {
  const first = report(file('a', 'passed', 'failed'), file('b', 'passed'));
  expect(count(0, first, report(file('a', 'passed', 'passed')))).toEqual({ passed: 3, failed: 0 });
  expect(count(1, first, report(file('a', 'failed', 'passed')))).toEqual({ passed: 2, failed: 1 });
});

test('a file that could not be loaded, a run without tests and an error outside of tests are failures', () => {
  expect(count(1, report({ ...file('a'), status: 'failed' }, file('b', 'passed')))).toEqual({ passed: 1, failed: 1 });
  expect(count(0, report())).toEqual({ passed: 0, failed: 1 });
  expect(count(1, report(file('a', 'passed')))).toEqual({ passed: 1, failed: 1 });
});

test('a failure that the second run does not repeat is printed as flaky', () => {
  const first = report(file('a', 'failed'), file('b', 'failed'));
  const [flaky, failed] = failures(first, report(file('a', 'passed'), file('b', 'failed')));
  expect(flaky).toMatch(/^FLAKY .* a > test 0/);
  expect(failed).toMatch(/^FAILED b > test 0/);
});
