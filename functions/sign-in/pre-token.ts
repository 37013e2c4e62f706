import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import * as z from 'zod';
import { claim } from '../../adapters/identity/cognito-claims.ts';
import { parseJson } from '../../contracts/values/json.ts';
import { groupsOfAttribute } from './groups.ts';

/** With this scope, people could write their own attributes, including their groups. */
const selfService = 'aws.cognito.signin.user.admin';

/** The identities of a profile: several when an administrator of the pool linked profiles. */
const Identities = z.array(z.object({ providerName: z.string().min(1), userId: z.string().min(1) }));

/** The only identity of a profile; none when there are several, because choosing one would be a guess. */
const identityOf = (attribute: string | undefined) => {
  const identities = Identities.safeParse(parseJson(attribute ?? '')).data ?? [];
  return identities.length === 1 ? identities[0] : undefined;
};

/**
 * Cognito's pre token generation trigger (version 2): adds identity provider, groups, name and verified email to the
 * access token. `identities` and `custom:groups` count only for federated users; others could have written them at
 * sign-up.
 */
export const preToken = (event: PreTokenGenerationV2TriggerEvent): PreTokenGenerationV2TriggerEvent => {
  const { userAttributes: attributes, groupConfiguration } = event.request;
  const isFederated = attributes['cognito:user_status'] === 'EXTERNAL_PROVIDER';
  const fromProvider = isFederated ? groupsOfAttribute(attributes['custom:groups']) : [];
  const identity = isFederated ? identityOf(attributes['identities']) : undefined;
  const groups = [...new Set([...fromProvider, ...(groupConfiguration.groupsToOverride ?? [])])];
  const username = attributes['preferred_username'];
  const name = attributes['name'];
  // Set by Cognito, as a string.
  const verified = attributes['email_verified'] === 'true' ? attributes['email'] : undefined;
  // Longer than any address (RFC 5321); the API would refuse the whole token.
  const email = verified !== undefined && verified.length <= 320 ? verified : undefined;
  return {
    ...event,
    response: {
      claimsAndScopeOverrideDetails: {
        accessTokenGeneration: {
          claimsToAddOrOverride: {
            [claim.groups]: JSON.stringify(groups),
            ...(identity && { [claim.provider]: identity.providerName, [claim.providerUser]: identity.userId }),
            ...(username ? { [claim.username]: username.slice(0, 200) } : {}),
            ...(name ? { [claim.name]: name.slice(0, 200) } : {}),
            ...(email ? { [claim.email]: email } : {}),
          },
          scopesToSuppress: [selfService],
        },
      },
    },
  };
};
