import { afterEach, expect, it, vi } from 'vitest';
import { optional } from './requirements.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('lets a suite run whose needs are there', () => {
  vi.stubEnv('BERTH_REQUIRE_ALL', '1');
  expect(optional('the moon tests', true, 'Buy a rocket.')).toBe(true);
});

it('leaves out a suite, saying once what and how to get it', () => {
  vi.stubEnv('BERTH_REQUIRE_ALL', '');
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect([1, 2].map(() => optional('the sun tests', false, 'Buy a rocket.'))).toEqual([false, false]);
  expect(write.mock.calls).toEqual([['left out: the sun tests. Buy a rocket.\n']]);
});

it('fails instead where all is required', () => {
  vi.stubEnv('BERTH_REQUIRE_ALL', '1');
  expect(() => optional('the mars tests', false, 'Buy a rocket.')).toThrow(
    /mars tests cannot run here.*Buy a rocket\./,
  );
});
