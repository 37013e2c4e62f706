import * as z from 'zod';
import { Instant } from './values/time.ts';

export const AuditAction = z.enum([
  'workspace.create',
  'workspace.start',
  'workspace.stop',
  'workspace.delete',
  'workspace.extend',
  'workspace.autostart',
  'workspace.fail',
  'workspace.startup',
  'workspace.unhealthy',
  'workspace.healthy',
  'build.begin',
  'build.succeed',
  'build.fail',
  'build.cancel',
  'template.publish',
  'template.promote',
  'template.deprecate',
  'token.create',
  'token.revoke',
  'git-key.create',
  'git-key.rotate',
  'person.sign-in',
  'person.deactivate',
  'person.activate',
  'session.open',
  'app.open',
  'share.create',
  'share.revoke',
  'home.adopt',
  'home.discard',
  'access.refuse',
]);
export type AuditAction = z.infer<typeof AuditAction>;

/**
 * One record of one action. `id` is `<subject>#<seq>-<digest>`, the key to deduplicate by. `seq` rises by one per
 * subject. `hash` is the SHA-256 of the event without `hash`; `previous` is the hash of the event before it. People
 * appear by opaque ID.
 *
 * After a restore of the table from an older copy, a subject's numbers continue from the copy: events with the same
 * number differ in `id` and `hash`, and the first new event names the copy's last hash as its `previous`.
 */
export const AuditEvent = z.object({
  id: z.string(),
  subject: z.string(),
  seq: z.int().min(1),
  at: Instant,
  action: AuditAction,
  actor: z.string().meta({ description: 'A person’s ID, or `system`' }),
  outcome: z.enum(['success', 'failure']),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  previous: z.string(),
  hash: z.string(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;
