import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { claim } from '../../adapters/identity/cognito-claims.ts';
import { groupsOf } from './groups.ts';

/** A token with this scope lets its bearer write their own attributes, their groups among them. */
const selfService = 'aws.cognito.signin.user.admin';

/**
 * Cognito's trigger before it makes tokens (pre token generation, version 2): groups, name and verified e-mail go into
 * the access token. `custom:groups` counts only of people whom an identity provider vouches for; others could have
 * written it themselves at sign-up.
 */
export const preToken = (event: PreTokenGenerationV2TriggerEvent): PreTokenGenerationV2TriggerEvent => {
  const { userAttributes: attributes, groupConfiguration } = event.request;
  const isFederated = attributes['cognito:user_status'] === 'EXTERNAL_PROVIDER';
  const fromProvider = isFederated ? groupsOf(attributes['custom:groups']) : [];
  const groups = [...new Set([...fromProvider, ...(groupConfiguration.groupsToOverride ?? [])])];
  const username = attributes['preferred_username'];
  const name = attributes['name'];
  // Cognito's own word for it, which it gives as text.
  const email = attributes['email_verified'] === 'true' ? attributes['email'] : undefined;
  return {
    ...event,
    response: {
      claimsAndScopeOverrideDetails: {
        accessTokenGeneration: {
          claimsToAddOrOverride: {
            [claim.groups]: JSON.stringify(groups),
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
