import { beforeAll, describe, expect, inject, it } from 'vitest';
import { cognitoIdentity } from '../../../adapters/identity/cognito.ts';
import type { Identity } from '../../../core/ports/identity.ts';
import { givenUserPool, type UserPool } from '../doubles/cognito.ts';

const endpoint = inject('moto') ?? '';

describe.runIf(endpoint)('sign-in with a user pool in moto', () => {
  let pool: UserPool;
  const identityOf = ({ issuer, clientId, fetchJwks }: UserPool): Identity =>
    cognitoIdentity({ issuer, clientId, fetchJwks });
  beforeAll(async () => {
    pool = await givenUserPool(endpoint);
  });

  it('accepts an access token of Cognito with the claims of the trigger', async () => {
    const { accessToken } = await pool.signIn('ada', ['engineering']);
    expect(await identityOf(pool).verify(accessToken)).toMatchObject({
      subject: 'sso#ada',
      name: 'ada',
      groups: ['engineering'],
      signedInAt: expect.any(Date),
    });
  });

  it('identifies the same person in another pool', async () => {
    const other = await givenUserPool(endpoint);
    const { accessToken } = await other.signIn('ada', []);
    expect(await identityOf(other).verify(accessToken)).toMatchObject({ subject: 'sso#ada', groups: [] });
  });

  it('rejects an access token without the claims of the trigger', async () => {
    const { plainToken } = await pool.signIn('mary', []);
    await expect(identityOf(pool).verify(plainToken)).rejects.toMatchObject({ name: 'unauthenticated' });
  });

  it('rejects the ID token of the same sign-in', async () => {
    const { idToken } = await pool.signIn('linus', []);
    await expect(identityOf(pool).verify(idToken)).rejects.toMatchObject({ name: 'unauthenticated' });
  });

  it('rejects a token of another application or of another pool', async () => {
    const { accessToken } = await pool.signIn('grace', []);
    for (const other of [await pool.otherClient(), await givenUserPool(endpoint)]) {
      await expect(identityOf(other).verify(accessToken)).rejects.toMatchObject({ name: 'unauthenticated' });
    }
  });
});
