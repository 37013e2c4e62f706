import type { InboundFederationTriggerEvent } from 'aws-lambda';
import type { Log } from '../../base/log.ts';
import type { FederationSettings } from '../../contracts/settings/federation.ts';
import { groupsAttribute, groupsOfClaim, longestAttribute } from './groups.ts';

type Claims = Readonly<Record<string, unknown>>;

/** The provider's claims. Those of the signed ID token take precedence over the user-info endpoint. */
const claimsOf = ({ providerType, attributes }: InboundFederationTriggerEvent['request']): Claims =>
  providerType === 'SAML' ? { ...attributes.samlResponse } : { ...attributes.userInfo, ...attributes.idToken };

/** Attributes are strings. Other values (arrays, objects) become JSON, like in Cognito's own mapping. */
const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const isPresent = ([, value]: [string, unknown]): boolean => value !== undefined && value !== null;

/**
 * Cognito's inbound federation trigger (version 1), called before Cognito writes the profile of a federated user.
 * Cognito keeps the old value of an attribute whose claim is absent, so a removed admin would remain an admin.
 * Therefore each sign-in writes every attribute that Berth reads, empty where the provider sent nothing.
 *
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-inbound-federation.html
 */
export const inboundFederation = (
  { attributes: named, groups: wanted }: FederationSettings,
  log: Log,
  event: InboundFederationTriggerEvent,
): InboundFederationTriggerEvent => {
  const { request } = event;
  const claims = claimsOf(request);
  const groups = groupsOfClaim(claims[named.groups], request.providerType === 'SAML' ? 'SAML' : 'OIDC');
  const { value, skipped } = groupsAttribute(groups, wanted);
  if (skipped > 0) {
    log('warn', 'groups of a person were skipped: list the groups that Berth needs in signIn.groups', {
      user: event.userName,
      groups: groups.length,
      skipped,
    });
  }
  const text = (name: string): string => {
    const claim = claims[name];
    return claim === undefined || claim === null ? '' : asText(claim);
  };
  // Names are truncated, email addresses are not: a truncated address would belong to someone else.
  const short = (name: string) => text(name).slice(0, longestAttribute);
  const whole = (name: string) => (text(name).length > longestAttribute ? '' : text(name));
  const isVerified = named.emailVerified !== undefined && text(named.emailVerified) === 'true';
  return {
    ...event,
    response: {
      userAttributesToMap: {
        // Cognito drops attributes that are not returned, including `sub`, which identifies the person.
        ...Object.fromEntries(
          Object.entries(claims)
            .filter(isPresent)
            .map(([name, claim]) => [name, asText(claim)]),
        ),
        [named.username]: short(named.username),
        [named.name]: short(named.name),
        [named.email]: whole(named.email),
        ...(named.emailVerified === undefined ? {} : { [named.emailVerified]: String(isVerified) }),
        // Under the provider's name, which the pool maps, and under the pool's own.
        [named.groups]: value,
        'custom:groups': value,
      },
    },
  };
};
