import { expect, test } from 'vitest';
import { judgeRate, quotasPerSecond, startOfAll } from './request-rates.ts';

test('a small fleet starts at once', () => {
  expect(startOfAll(50)).toMatchObject({ level: 'ok', what: expect.stringContaining('All 50 VMs') });
});

test('2,000 VMs take about nine minutes at the documented rates, as the slowest rate allows', () => {
  // (2,000 - 1,000) / 2 = 500 s; AttachVolume alone would take (2,000 - 50) / 5 = 390 s.
  expect(startOfAll(2_000)).toMatchObject({
    level: 'ok',
    what: expect.stringMatching(
      /2000 VMs.*about 9 min: EC2 allows a burst of 1000 launches of instances, then 2 per second/,
    ),
  });
});

test('5,000 VMs need higher request rates', () => {
  expect(startOfAll(5_000)).toMatchObject({ level: 'warn', todo: expect.stringContaining('AWS Support') });
});

test.each([
  ['cognito-idp', 2_000, 25, 'ok'],
  ['cognito-idp', 20_000, 25, 'warn'],
  ['states', 2_000, 150, 'ok'],
  ['states', 10_000, 150, 'warn'],
])('%s for %i starts with %i per second: %s', (service, starts, value, level) => {
  const quota = quotasPerSecond.find((one) => one.service === service);
  if (quota === undefined) throw new Error(`there is no quota of ${service}`);
  expect(judgeRate(quota, starts, value)).toMatchObject({ level });
});
