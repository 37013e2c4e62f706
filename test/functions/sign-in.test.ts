import { expect, test } from 'vitest';
import { tokenEvent } from './events.ts';
import { givenFunction } from './lambda.ts';

test('the claims of the identity provider are added to the access token', async () => {
  const invoke = await givenFunction('sign-in-pre-token', {});
  const { response } = await invoke<ReturnType<typeof tokenEvent>>(tokenEvent());
  const claims = response.claimsAndScopeOverrideDetails?.accessTokenGeneration?.claimsToAddOrOverride;
  expect(claims).toMatchObject({ 'berth:name': 'Ada Lovelace', 'berth:username': 'ada' });
  expect(JSON.parse(String(claims?.['berth:groups']))).toEqual(expect.arrayContaining(['platform-admins', 'everyone']));
});
