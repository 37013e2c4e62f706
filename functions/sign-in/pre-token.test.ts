import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { expect, it } from 'vitest';
import { preToken } from './pre-token.ts';

/** An event as Cognito sends it for a person of a SAML provider who signs in on its hosted page. */
const recorded = (attributes: Record<string, string | undefined>, groupsToOverride: string[] = []) =>
  ({
    version: '2',
    triggerSource: 'TokenGeneration_HostedAuth',
    region: 'eu-central-1',
    userPoolId: 'eu-central-1_Ab1Cd2Ef3',
    userName: 'Okta_ada@corp.example',
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: 'portal' },
    request: {
      userAttributes: {
        sub: '5a0c8f1e-0b51-4a6b-8a46-2f1c3d6f0a11',
        'cognito:user_status': 'EXTERNAL_PROVIDER',
        identities:
          '[{"userId":"ada@corp.example","providerName":"Okta","providerType":"SAML","issuer":"http://www.okta.com/x","primary":true,"dateCreated":1763600000000}]',
        ...attributes,
      },
      groupConfiguration: { groupsToOverride, iamRolesToOverride: [], preferredRole: null },
      scopes: ['openid', 'email', 'profile'],
    },
    response: { claimsAndScopeOverrideDetails: null },
  }) as unknown as PreTokenGenerationV2TriggerEvent;

const generationOf = (event: PreTokenGenerationV2TriggerEvent) =>
  preToken(event).response.claimsAndScopeOverrideDetails.accessTokenGeneration ?? {};
const claimsOf = (event: PreTokenGenerationV2TriggerEvent) => generationOf(event).claimsToAddOrOverride ?? {};

it('the access token gets groups, name and verified email address', () => {
  const event = recorded(
    {
      'custom:groups': '["platform-admins","engineering"]',
      preferred_username: 'ada',
      name: 'Ada Lovelace',
      email: 'ada@corp.example',
      email_verified: 'true',
    },
    ['eu-central-1_Ab1Cd2Ef3_Okta', 'engineering'],
  );
  expect(preToken(event)).toMatchObject({ version: '2', userName: event.userName, request: event.request });
  expect(claimsOf(event)).toEqual({
    'berth:groups': '["platform-admins","engineering","eu-central-1_Ab1Cd2Ef3_Okta"]',
    'berth:provider': 'Okta',
    'berth:provider-user': 'ada@corp.example',
    'berth:username': 'ada',
    'berth:name': 'Ada Lovelace',
    'berth:email': 'ada@corp.example',
  });
});

it.each([
  ['no identities', undefined],
  ['an empty list of identities', '[]'],
  ['two linked identities', '[{"userId":"a","providerName":"Okta"},{"userId":"b","providerName":"Other"}]'],
  ['truncated JSON', '[{"userId":"a"'],
  ['an identity without an identifier', '[{"providerName":"Okta"}]'],
])('a profile with %s has no provider', (_, identities) => {
  expect(claimsOf(recorded({ identities }))).not.toHaveProperty('berth:provider');
});

it.each(['CONFIRMED', undefined])('an identity that a user of the pool itself (%s) wrote is ignored', (status) => {
  expect(claimsOf(recorded({ 'cognito:user_status': status }))).not.toHaveProperty('berth:provider-user');
});

it('an email address that is too long is omitted', () => {
  const email = `${'a'.repeat(400)}@corp.example`;
  expect(claimsOf(recorded({ email, email_verified: 'true' }))).not.toHaveProperty('berth:email');
});

it.each(['false', 'False', 'TRUE', '1', '', undefined])(
  'an email address with email_verified %j is omitted',
  (email_verified) => {
    expect(claimsOf(recorded({ email: 'ada@corp.example', email_verified }))).not.toHaveProperty('berth:email');
  },
);

it.each(['CONFIRMED', 'FORCE_CHANGE_PASSWORD', undefined])(
  'groups that a user of the pool itself (%s) wrote are ignored, and groups of the pool are used',
  (status) => {
    const event = recorded({ 'cognito:user_status': status, 'custom:groups': '["platform-admins"]' }, ['engineering']);
    expect(claimsOf(event)['berth:groups']).toBe('["engineering"]');
  },
);

it('the scope with which people could write their own groups is suppressed', () => {
  expect(generationOf(recorded({})).scopesToSuppress).toEqual(['aws.cognito.signin.user.admin']);
});
