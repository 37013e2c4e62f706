import * as z from 'zod';
import { OwnerName } from './values/names.ts';
import { Instant } from './values/time.ts';

export const Role = z.enum(['member', 'template-admin', 'auditor', 'admin']);
export type Role = z.infer<typeof Role>;

export const Me = z
  .object({
    id: z.string(),
    name: OwnerName,
    displayName: z.string(),
    email: z.string().optional(),
    groups: z.array(z.string()),
    roles: z.array(Role),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;

export const Person = z
  .object({
    id: z.string(),
    name: OwnerName,
    displayName: z.string(),
    email: z.string().optional().meta({ description: 'Only for admins' }),
    groups: z.array(z.string()),
    roles: z.array(Role),
    active: z.boolean().meta({ description: 'False: every request is refused' }),
    signedInAt: Instant.optional(),
  })
  .meta({ id: 'Person' });
export type Person = z.infer<typeof Person>;

export const Token = z
  .object({
    id: z.string(),
    name: z.string(),
    createdAt: Instant,
    expiresAt: Instant,
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof Token>;

export const GitKey = z
  .object({
    publicKey: z.string().meta({ description: 'OpenSSH format, to add at git hosts; ends in `berth:<name>`' }),
    fingerprint: z.string().meta({ description: '`SHA256:…`, as git hosts and `ssh-add -l` show it' }),
    createdAt: Instant,
  })
  .meta({ id: 'GitKey' });
export type GitKey = z.infer<typeof GitKey>;
