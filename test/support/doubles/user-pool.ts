import { randomUUID } from 'node:crypto';
import type { InboundFederationTriggerEvent, PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { cognitoIdentity } from '../../../adapters/identity/cognito.ts';
import type { Log } from '../../../base/log.ts';
import type { FederationSettings } from '../../../contracts/settings/federation.ts';
import { inboundFederation } from '../../../functions/sign-in/inbound-federation.ts';
import { preToken } from '../../../functions/sign-in/pre-token.ts';
import { jwksOf, signedToken, signingKey } from '../../ports/tokens.ts';

type Attributes = Record<string, string>;

/**
 * Whether an attribute that the trigger returns under the provider's name for it is mapped to the pool's afterwards, or
 * only what it returns under the pool's name counts. AWS's documentation is ambiguous, so tests try both.
 */
export type Mapping = 'by provider name' | 'by pool name';

export interface Assertion {
  provider: { name: string; type: 'SAML' | 'OIDC' };
  /** The provider's own identifier of the person. */
  user: string;
  /** Attributes of SAML, or claims of the ID token, in the form in which Cognito passes them on. */
  claims: Record<string, unknown>;
  /** Claims of the user-info endpoint. */
  userInfo?: Record<string, unknown>;
}

export interface UserPoolOptions {
  settings: FederationSettings;
  mapping: Mapping;
  log?: Log;
}

const clientId = 'portal';
const longestAttribute = 2_048;

/**
 * A double of a Cognito user pool, as far as its behavior around Berth's two triggers is documented: an attribute whose
 * claim is absent stays unchanged, a blank one is deleted, one that is too long fails the sign-in, and a recreated
 * profile has another `sub`.
 */
export const userPool = ({ settings, mapping, log = () => undefined }: UserPoolOptions) => {
  const id = `eu-central-1_${randomUUID().replaceAll('-', '').slice(0, 9)}`;
  const issuer = `https://cognito-idp.eu-central-1.amazonaws.com/${id}`;
  const key = signingKey('pool');
  const profiles = new Map<string, Attributes>();
  const common = { version: '1', region: 'eu-central-1', userPoolId: id };
  const callerContext = { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId };

  const { attributes: named } = settings;
  const mapped: [string, string | undefined][] = [
    ['name', named.name],
    ['preferred_username', named.username],
    ['email', named.email],
    ['email_verified', named.emailVerified],
    ['custom:groups', named.groups],
  ];

  const federate = ({ provider, user, claims, userInfo }: Assertion, profile: Attributes): void => {
    const event: InboundFederationTriggerEvent = {
      ...common,
      triggerSource: 'InboundFederation_ExternalProvider',
      userName: `${provider.name}_${user}`,
      callerContext,
      request: {
        providerName: provider.name,
        providerType: provider.type,
        attributes: (provider.type === 'SAML'
          ? { samlResponse: claims }
          : {
              tokenResponse: { access_token: 'at', token_type: 'Bearer', expires_in: '3600' },
              idToken: { sub: user, ...claims },
              userInfo: userInfo ?? {},
            }) as InboundFederationTriggerEvent['request']['attributes'],
      },
      response: { userAttributesToMap: {} },
    };
    const { userAttributesToMap } = inboundFederation(settings, log, event).response;
    for (const [attribute, claim] of mapped) {
      const value =
        userAttributesToMap[mapping === 'by pool name' && attribute.includes(':') ? attribute : (claim ?? '')];
      if (value === undefined) continue;
      if (value.length > longestAttribute) throw new Error(`Cognito fails the sign-in: ${attribute} is too long`);
      if (value === '') delete profile[attribute];
      else profile[attribute] = value;
    }
  };

  const tokenOf = (username: string, profile: Attributes, trigger: string): string => {
    const event = {
      ...common,
      version: '2',
      triggerSource: trigger,
      userName: username,
      callerContext,
      request: {
        userAttributes: profile,
        groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [] },
        scopes: ['openid', 'profile', 'email'],
      },
      response: { claimsAndScopeOverrideDetails: null },
    } as unknown as PreTokenGenerationV2TriggerEvent;
    const { accessTokenGeneration } = preToken(event).response.claimsAndScopeOverrideDetails;
    const now = Math.floor(Date.now() / 1000);
    return signedToken(key, {
      iss: issuer,
      client_id: clientId,
      token_use: 'access',
      sub: profile['sub'],
      username,
      iat: now,
      auth_time: now,
      exp: now + 900,
      ...accessTokenGeneration?.claimsToAddOrOverride,
    });
  };

  return {
    identity: cognitoIdentity({
      issuer,
      clientId,
      fetchJwks: async () => new TextEncoder().encode(JSON.stringify(jwksOf(key))).buffer,
    }),
    /** Returns the access token of a person who comes back from their identity provider. */
    signIn: (assertion: Assertion): string => {
      const { provider, user } = assertion;
      const username = `${provider.name}_${user}`;
      const profile = profiles.get(username) ?? {
        sub: randomUUID(),
        'cognito:user_status': 'EXTERNAL_PROVIDER',
        identities: JSON.stringify([
          { userId: user, providerName: provider.name, providerType: provider.type, issuer: null, primary: true },
        ]),
      };
      federate(assertion, profile);
      profiles.set(username, profile);
      return tokenOf(username, profile, 'TokenGeneration_HostedAuth');
    },
    /** Deletes a profile, as an administrator does in the console. */
    deleteProfile: (username: string) => profiles.delete(username),
    attributesOf: (username: string): Attributes | undefined => profiles.get(username),
  };
};
