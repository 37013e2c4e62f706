import * as z from 'zod';

/** `BERTH_AGENT_IDENTITIES`: the platforms whose proof of identity Berth accepts from agents. */
export const AgentIdentitySettings = z.strictObject({
  kubernetes: z
    .strictObject({
      issuer: z.url({ protocol: /^https$/ }).meta({ description: 'OpenID issuer of the cluster, as EKS shows it' }),
      keys: z
        .url({ protocol: /^https$/ })
        .optional()
        .meta({ description: 'URL of the issuer’s keys. Default: `<issuer>/keys`, as on EKS' }),
      namespace: z
        .string()
        .min(1)
        .max(63)
        .meta({ description: 'Namespace of workspaces. Only Berth may create pods in it' }),
    })
    .optional(),
  ec2: z
    .strictObject({
      account: z.string().regex(/^[0-9]{12}$/, 'An account ID has 12 digits'),
      region: z.string().min(1).max(40),
      certificates: z.array(z.string().startsWith('-----BEGIN CERTIFICATE-----')).min(1).max(5).meta({
        description:
          'The region’s certificates for RSA signatures of instance identity documents, as AWS publishes them, in PEM',
      }),
    })
    .optional(),
});
export type AgentIdentitySettings = z.infer<typeof AgentIdentitySettings>;
