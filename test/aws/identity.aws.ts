import { beforeAll, describe, expect, inject, it } from 'vitest';
import { cognitoIdentity } from '../../adapters/identity/cognito.ts';
import type { Identity } from '../../core/ports.ts';
import { givenUserPool, type UserPool } from './cognito.ts';

const endpoint = inject('moto') ?? '';

describe.runIf(endpoint)('sign-in with a user pool in moto', () => {
  let pool: UserPool;
  const identityOf = ({ issuer, clientId, fetchJwks }: UserPool): Identity =>
    cognitoIdentity({ issuer, clientId, provider: 'sso', fetchJwks });
  beforeAll(async () => {
    pool = await givenUserPool(endpoint);
  });

  it('takes an access token that Cognito made, with the pool’s groups', async () => {
    const { accessToken } = await pool.signIn('ada', ['engineering']);
    expect(await identityOf(pool).verify(accessToken)).toMatchObject({
      subject: expect.stringMatching(/^sso#[0-9a-f-]{36}$/),
      name: 'ada',
      groups: ['engineering'],
      signedInAt: expect.any(Date),
    });
  });

  it('refuses the ID token of the same sign-in', async () => {
    const { idToken } = await pool.signIn('linus', []);
    await expect(identityOf(pool).verify(idToken)).rejects.toMatchObject({ name: 'unauthenticated' });
  });

  it('refuses a token of another application of the pool, and of another pool', async () => {
    const { accessToken } = await pool.signIn('grace', []);
    for (const other of [await pool.otherClient(), await givenUserPool(endpoint)]) {
      await expect(identityOf(other).verify(accessToken)).rejects.toMatchObject({ name: 'unauthenticated' });
    }
  });
});
