import * as z from 'zod';

const name = z.string().min(1);

/**
 * Settings of Cognito's inbound federation trigger: the identity provider's attribute names, and which groups to keep.
 */
export const FederationSettings = z.strictObject({
  attributes: z.strictObject({
    groups: name,
    username: name,
    name,
    email: name,
    emailVerified: name.optional(),
  }),
  groups: z.strictObject({
    roles: z.array(name),
    named: z.array(name).optional(),
  }),
});
export type FederationSettings = z.output<typeof FederationSettings>;
