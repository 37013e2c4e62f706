import { expect, it, vi } from 'vitest';
import type { Identity } from '../ports/identity.ts';
import type { Rules } from '../rules.ts';
import { authenticate } from './authenticate.ts';

it.each([
  ['no token', undefined],
  ['an empty one', ''],
  ['one longer than any of ours or of a provider', 'x'.repeat(8_193)],
])('%s is refused before anybody looks at it', async (_, bearer) => {
  const verify = vi.fn<Identity['verify']>();
  await expect(authenticate({} as Rules, { verify }, bearer)).rejects.toMatchObject({ name: 'unauthenticated' });
  expect(verify).not.toHaveBeenCalled();
});
