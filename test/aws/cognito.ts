import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { motoClient } from './moto.ts';

const password = 'Correct-horse-7';

export interface UserPool {
  issuer: string;
  clientId: string;
  /** The pool's keys, from where moto keeps them. */
  fetchJwks: (uri: string) => Promise<ArrayBuffer>;
  /** Signs a person in who is made when they are not there yet. */
  signIn(name: string, groups: string[]): Promise<{ accessToken: string; idToken: string }>;
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
  fetchJwks: async (uri) => (await fetch(`${endpoint}${new URL(uri).pathname}`)).arrayBuffer(),
  signIn: async (Username, groups) => {
    await client.send(new AdminCreateUserCommand({ UserPoolId, Username }));
    await client.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: password, Permanent: true }));
    for (const GroupName of groups) {
      await client.send(new CreateGroupCommand({ UserPoolId, GroupName }));
      await client.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName }));
    }
    const { AuthenticationResult } = await client.send(
      new AdminInitiateAuthCommand({
        UserPoolId,
        ClientId,
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: Username, PASSWORD: password },
      }),
    );
    return { accessToken: AuthenticationResult?.AccessToken ?? '', idToken: AuthenticationResult?.IdToken ?? '' };
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
