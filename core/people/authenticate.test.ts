import { expect, it, vi } from 'vitest';
import type { Identity } from '../ports/identity.ts';
import type { Rules } from '../rules.ts';
import { authenticate } from './authenticate.ts';

it.each([
  ['no token', undefined],
  ['an empty token', ''],
  ['a token longer than any of Berth or of a provider', 'x'.repeat(8_193)],
])('%s is refused without being verified', async (_, bearer) => {
  const verify = vi.fn<Identity['verify']>();
  await expect(authenticate({} as Rules, { verify }, bearer)).rejects.toMatchObject({ name: 'unauthenticated' });
  expect(verify).not.toHaveBeenCalled();
});
