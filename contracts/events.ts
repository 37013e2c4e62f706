import * as z from 'zod';
import { Instant, type Transition } from './workspace.ts';

/** Input of every workflow; its execution is named by the build's id, so a repeated start starts nothing twice. */
export const WorkflowInput = z.object({ workspaceId: z.string(), buildId: z.string() });
export type WorkflowInput = z.infer<typeof WorkflowInput>;

export const WorkflowName = z.enum(['start-workspace', 'stop-workspace', 'delete-workspace']);
export type WorkflowName = z.infer<typeof WorkflowName>;
export const workflowFor = (transition: Transition): WorkflowName => `${transition}-workspace`;

/** What a schedule hands to the handler it wakes. */
export const StopWake = z.object({ workspaceId: z.string(), buildId: z.string() });
export type StopWake = z.infer<typeof StopWake>;

/** The same of the schedule of an autostart. */
export const AutostartWake = z.object({ workspaceId: z.string() });
export type AutostartWake = z.infer<typeof AutostartWake>;

export const AuditAction = z.enum([
  'workspace.create',
  'workspace.start',
  'workspace.stop',
  'workspace.delete',
  'workspace.extend',
  'workspace.autostart',
  'workspace.fail',
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
  'access.refuse',
]);
export type AuditAction = z.infer<typeof AuditAction>;

/**
 * One act. `id` is `<subject>#<seq>`, the key to deduplicate by; `seq` rises by one per subject; `hash` is the
 * sha256 over the event without `hash`, which holds the hash before it in `previous`. People appear by opaque id.
 */
export const AuditEvent = z.object({
  id: z.string(),
  subject: z.string(),
  seq: z.int().min(1),
  at: Instant,
  action: AuditAction,
  actor: z.string().meta({ description: 'A person’s id, or `system`' }),
  outcome: z.enum(['success', 'failure']),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  previous: z.string(),
  hash: z.string(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;
