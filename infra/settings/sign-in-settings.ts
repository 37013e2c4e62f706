import * as z from 'zod';
import { exactlyOneOf } from './rules.ts';
import { arn, httpsUrl } from './values.ts';

const groupPattern = z
  .string()
  .regex(/^[^*\p{Cc}]{1,200}\*?$/u, 'must be the name of a group, or a prefix followed by *');

/**
 * Cognito identifies people by the provider’s name and its identifier for them. With another name, all of them are new
 * people.
 */
const providerName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{2,31}$/, 'must have 3 to 32 letters, digits, hyphens and underscores');

const attribute = z.string().min(1).max(200);

export const SignInSettings = z
  .strictObject({
    domainPrefix: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'may contain only lower-case letters, digits and hyphens'),
    attributes: z
      .strictObject({
        groups: attribute.default('groups'),
        username: attribute.default('preferred_username'),
        name: attribute.default('name'),
        email: attribute.default('email'),
        emailVerified: attribute.optional().describe('Without this attribute, Berth uses no e-mail addresses'),
      })
      .prefault({})
      .describe('What the identity provider calls its SAML attributes or OpenID Connect claims'),
    groups: z
      .array(groupPattern)
      .max(100)
      .optional()
      .describe('The groups to import in addition to those of roles; by default all, as many as fit into a token'),
    saml: z.strictObject({ name: providerName, metadataUrl: httpsUrl }).optional(),
    oidc: z
      .strictObject({
        name: providerName,
        issuer: httpsUrl,
        clientId: z.string().min(1).max(200),
        clientSecret: arn('secretsmanager', 'a secret in Secrets Manager, never the secret itself'),
        scopes: z.array(z.string()).default(['openid', 'profile', 'email']),
      })
      .optional(),
  })
  .check(exactlyOneOf('saml', 'oidc'));
