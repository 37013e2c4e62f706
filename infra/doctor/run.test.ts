import { expect, test } from 'vitest';
import { ok, type Verdict } from '../../contracts/doctor.ts';
import { checks } from './checks.ts';
import type { Check, Context } from './context/check.ts';
import { MissingPermission } from './context/missing-permission.ts';
import { runChecks, usualLimits } from './run.ts';

const check = (name: string, run: () => Promise<Verdict[]>): Check => ({ name, when: 'before', queries: 'aws', run });
const nothing = {} as Context;
const named = (name: string, message: string) => Object.assign(new Error(message), { name });

test('a check that throws or never completes does not stop the others, and findings keep their order', async () => {
  const findings = await runChecks(
    [
      check('hangs', () => new Promise(() => undefined)),
      check('throws', () => Promise.reject(named('ValidationException', 'no such thing'))),
      check('is well', async () => [ok('Fine.')]),
    ],
    nothing,
    { atOnce: 2, timeoutMs: 20 },
  );
  expect(findings).toEqual([
    expect.objectContaining({
      check: 'hangs',
      level: 'fail',
      what: 'The check failed: it did not complete within 0.02 s.',
    }),
    expect.objectContaining({ check: 'throws', what: 'The check failed: no such thing (ValidationException).' }),
    { check: 'is well', level: 'ok', what: 'Fine.' },
  ]);
});

test('no more checks run at once than the limit allows', async () => {
  let running = 0;
  let most = 0;
  const slow = check('slow', async () => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    return [];
  });
  await runChecks(
    Array.from({ length: 10 }, () => slow),
    nothing,
    { atOnce: 3, timeoutMs: 1_000 },
  );
  expect(most).toBe(3);
});

test('even if no check completes, the report takes less than half a minute', () => {
  const rounds = 2 + Math.ceil(checks.length / usualLimits.atOnce);
  expect(rounds * usualLimits.timeoutMs).toBeLessThan(30_000);
});

test.each([
  [named('AccessDeniedException', 'User: x is not authorized to perform: kms:DescribeKey on y'), 'kms:DescribeKey'],
  [named('UnauthorizedOperation', 'You are not authorized to perform this operation.'), 'ec2:DescribeVpcs'],
  [named('AccessDenied', 'Access Denied'), 'ec2:DescribeVpcs'],
  [named('ThrottlingException', 'Rate exceeded'), undefined],
])('%s lacks a permission: %s', (error, action) => {
  expect(MissingPermission.in(error, 'ec2:DescribeVpcs')?.action).toBe(action);
});
