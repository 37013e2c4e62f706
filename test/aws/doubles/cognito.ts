import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { preToken } from '../../../functions/sign-in/pre-token.ts';
import { jwksOf, signedToken, signingKey } from '../../ports/tokens.ts';
import { motoClient } from './moto.ts';

const password = 'Correct-horse-7';

/** Signs moto's tokens again with the claims of the trigger, which moto does not call. */
const key = signingKey('trigger');

interface Tokens {
  /** With the claims that the pre-token-generation trigger adds. */
  accessToken: string;
  /** The token of moto, without those claims. */
  plainToken: string;
  idToken: string;
}

const claimsIn = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));

const withTriggerClaims = (token: string, name: string, groups: string[]): string => {
  const event = {
    version: '2',
    triggerSource: 'TokenGeneration_HostedAuth',
    userName: `sso_${name}`,
    request: {
      userAttributes: {
        'cognito:user_status': 'EXTERNAL_PROVIDER',
        identities: JSON.stringify([{ providerName: 'sso', userId: name }]),
        'custom:groups': JSON.stringify(groups),
        preferred_username: name,
      },
      groupConfiguration: { groupsToOverride: [] },
    },
  } as unknown as PreTokenGenerationV2TriggerEvent;
  const { accessTokenGeneration } = preToken(event).response.claimsAndScopeOverrideDetails;
  return signedToken(key, { ...claimsIn(token), ...accessTokenGeneration?.claimsToAddOrOverride });
};

export interface UserPool {
  issuer: string;
  clientId: string;
  /** The pool's keys from moto, and the key that signs tokens with the trigger's claims. */
  fetchJwks: (uri: string) => Promise<ArrayBuffer>;
  /** Creates a user of the identity provider `sso` and signs them in. */
  signIn(name: string, groups: string[]): Promise<Tokens>;
  /** Another application of the same pool. */
  otherClient(): Promise<UserPool>;
}

const poolOf = (
  client: CognitoIdentityProviderClient,
  endpoint: string,
  UserPoolId: string,
  ClientId: string,
): UserPool => ({
  issuer: `https://cognito-idp.${UserPoolId.split('_')[0]}.amazonaws.com/${UserPoolId}`,
  clientId: ClientId,
  fetchJwks: async (uri) => {
    const { keys } = (await (await fetch(`${endpoint}${new URL(uri).pathname}`)).json()) as { keys: object[] };
    return new TextEncoder().encode(JSON.stringify({ keys: [...keys, ...jwksOf(key).keys] })).buffer;
  },
  signIn: async (Username, groups) => {
    await client.send(new AdminCreateUserCommand({ UserPoolId, Username }));
    await client.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: password, Permanent: true }));
    const { AuthenticationResult } = await client.send(
      new AdminInitiateAuthCommand({
        UserPoolId,
        ClientId,
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: Username, PASSWORD: password },
      }),
    );
    const plainToken = AuthenticationResult?.AccessToken ?? '';
    return {
      accessToken: withTriggerClaims(plainToken, Username, groups),
      plainToken,
      idToken: AuthenticationResult?.IdToken ?? '',
    };
  },
  otherClient: () => addClient(client, endpoint, UserPoolId),
});

const addClient = async (client: CognitoIdentityProviderClient, endpoint: string, UserPoolId: string) => {
  const { UserPoolClient } = await client.send(
    new CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: 'portal',
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    }),
  );
  return poolOf(client, endpoint, UserPoolId, UserPoolClient?.ClientId ?? '');
};

/** A Cognito user pool with one application, in moto. */
export const givenUserPool = async (endpoint: string): Promise<UserPool> => {
  const client = new CognitoIdentityProviderClient(motoClient(endpoint));
  const { UserPool } = await client.send(new CreateUserPoolCommand({ PoolName: 'berth' }));
  return addClient(client, endpoint, UserPool?.Id ?? '');
};
