import { afterEach, expect, it, vi } from 'vitest';
import { optional } from './requirements.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('runs a suite whose requirements are met', () => {
  vi.stubEnv('BERTH_REQUIRE_ALL', '1');
  expect(optional('the moon tests', true, 'Buy a rocket.')).toBe(true);
});

it('skips a suite, and prints once what is missing and how to get it', () => {
  vi.stubEnv('BERTH_REQUIRE_ALL', '');
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect([1, 2].map(() => optional('the sun tests', false, 'Buy a rocket.'))).toEqual([false, false]);
  expect(write.mock.calls).toEqual([['skipped: the sun tests. Buy a rocket.\n']]);
});

it('fails when everything is required', () => {
  vi.stubEnv('BERTH_REQUIRE_ALL', '1');
  expect(() => optional('the mars tests', false, 'Buy a rocket.')).toThrow(
    /mars tests cannot run here.*Buy a rocket\./,
  );
});
