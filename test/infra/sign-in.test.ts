import { expect, test } from 'vitest';
import { all, anything, only, templates } from './example.ts';
import { type Resource, synthesize } from './synth.ts';

test('self-registration is off, and the client has no secret', () => {
  expect(only('AWS::Cognito::UserPool').Properties).toMatchObject({
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    DeletionProtection: 'ACTIVE',
    UserPoolTier: 'ESSENTIALS',
    LambdaConfig: {
      InboundFederation: { LambdaArn: anything, LambdaVersion: 'V1_0' },
      PreTokenGenerationConfig: { LambdaVersion: 'V2_0' },
    },
  });
  expect(only('AWS::Cognito::UserPoolClient').Properties).toMatchObject({
    GenerateSecret: false,
    AllowedOAuthFlows: ['code'],
    AllowedOAuthScopes: ['openid', 'profile', 'email'],
    // The command line listens at the other redirect URLs, which are on the person's own machine.
    CallbackURLs: [
      'https://berth.example.com/signed-in',
      'http://localhost:28462/callback',
      'http://localhost:28463/callback',
      'http://localhost:28464/callback',
    ],
    EnableTokenRevocation: true,
    PreventUserExistenceErrors: 'ENABLED',
    AccessTokenValidity: 15,
    // No passwords and no custom challenges: only the identity provider, and refresh tokens.
    ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
    SupportedIdentityProviders: [anything],
    WriteAttributes: ['custom:groups', 'email', 'name', 'preferred_username'],
  });
});

test('only Cognito may call the two triggers, and only for its pool', () => {
  const permissions = all('AWS::Lambda::Permission').filter(([, { Principal }]) =>
    String(Principal).startsWith('cognito-idp'),
  );
  const called = permissions.map(([, { FunctionName }]) => JSON.stringify(FunctionName));
  const triggers = (only('AWS::Cognito::UserPool').Properties['LambdaConfig'] ?? {}) as Record<string, unknown>;
  const arns = Object.values(triggers).map((trigger) => (trigger as { LambdaArn?: unknown }).LambdaArn ?? trigger);
  for (const arn of new Set(arns.map((value) => JSON.stringify(value)))) expect(called).toContain(arn);
  for (const [id, { SourceArn }] of permissions) expect(JSON.stringify(SourceArn), id).toContain('SignInPool');
});

test('the trigger gets the attribute names of the settings and the groups of roles', () => {
  const [federation] = all('AWS::Lambda::Function').filter(([id]) => id.includes('InboundFederation'));
  const environment = federation?.[1]['Environment'] as { Variables: Record<string, string> } | undefined;
  expect(JSON.parse(environment?.Variables['BERTH_FEDERATION'] ?? '')).toEqual({
    attributes: { groups: 'groups', username: 'username', name: 'name', email: 'email' },
    groups: { roles: ['platform-admins', 'security', 'platform'] },
  });
});

test('no secret is in a template', () => {
  const text = JSON.stringify(templates);
  expect(text).not.toMatch(/AKIA[A-Z0-9]{16}|-----BEGIN (RSA |EC )?PRIVATE KEY|berth_[0-9a-f]{16}_/);
  const oidc = synthesize({
    signIn: {
      domainPrefix: 'berth-example',
      oidc: {
        name: 'Entra',
        issuer: 'https://login.example.com',
        clientId: 'berth',
        clientSecret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:oidc-AbCdEf',
      },
    },
  });
  const [[, provider]] = oidc.ofType('AWS::Cognito::UserPoolIdentityProvider') as [[string, Resource]];
  const { client_secret: secret } = provider.Properties['ProviderDetails'] as { client_secret: string };
  expect(secret).toMatch(/^\{\{resolve:secretsmanager:arn:aws:secretsmanager:/);
});
