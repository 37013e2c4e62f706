import * as z from 'zod';

/** Which platforms vouch for agents, and whom of what they vouch for Berth believes: `BERTH_AGENT_IDENTITIES`. */
export const AgentIdentitySettings = z.strictObject({
  kubernetes: z
    .strictObject({
      issuer: z.url({ protocol: /^https$/ }).meta({ description: 'OpenID issuer of the cluster, as EKS gives it' }),
      keys: z
        .url({ protocol: /^https$/ })
        .optional()
        .meta({ description: 'Where the issuer publishes its keys. Default: `<issuer>/keys`, as at EKS' }),
      namespace: z.string().min(1).max(63).meta({ description: 'Of workspaces: only Berth makes pods in it' }),
    })
    .optional(),
  ec2: z
    .strictObject({
      account: z.string().regex(/^[0-9]{12}$/, 'An account is 12 digits'),
      region: z.string().min(1).max(40),
      certificates: z.array(z.string().startsWith('-----BEGIN CERTIFICATE-----')).min(1).max(5).meta({
        description: 'Those AWS publishes for RSA signatures of instance identity documents of the region, PEM',
      }),
    })
    .optional(),
});
export type AgentIdentitySettings = z.infer<typeof AgentIdentitySettings>;
