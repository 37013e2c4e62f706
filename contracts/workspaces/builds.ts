import * as z from 'zod';
import { TemplateName } from '../values/names.ts';
import { Instant } from '../values/time.ts';

export const Transition = z.enum(['start', 'stop', 'delete']);
export type Transition = z.infer<typeof Transition>;

export const BuildReason = z.enum(['person', 'autostart', 'autostop', 'dormancy', 'update', 'repair']);
export type BuildReason = z.infer<typeof BuildReason>;

export const BuildStatus = z.enum(['pending', 'running', 'succeeded', 'failed', 'canceled']);
export type BuildStatus = z.infer<typeof BuildStatus>;

/** A failure for people: what went wrong, and what to do. */
export const Failure = z.object({ error: z.string(), message: z.string(), action: z.string() }).meta({ id: 'Failure' });
export type Failure = z.infer<typeof Failure>;

/** One step of a build, for example `startup`. Its log is read from the build's log route by `name`. */
export const Step = z
  .object({
    name: z.string().max(40),
    title: z.string().max(80),
    status: z.enum(['running', 'succeeded', 'failed']),
    startedAt: Instant,
    endedAt: Instant.optional(),
    usualMs: z.int().optional().meta({ description: 'Usual duration of the step with this template, in milliseconds' }),
    message: z.string().optional().meta({ description: 'What the step is doing, why it failed, or a warning' }),
    hasLog: z.boolean(),
  })
  .meta({ id: 'Step' });
export type Step = z.infer<typeof Step>;

export const Build = z
  .object({
    id: z.string(),
    number: z.int(),
    transition: Transition,
    reason: BuildReason,
    status: BuildStatus,
    template: z.object({ name: TemplateName, version: z.int() }),
    because: z
      .string()
      .optional()
      .meta({ description: 'Why the system began the build; for a repair, what happened to the lost compute' }),
    requestedBy: z
      .string()
      .optional()
      .meta({ description: 'Name of the person; absent for a build that the system began' }),
    createdAt: Instant,
    startedAt: Instant.optional(),
    endedAt: Instant.optional(),
    failure: Failure.optional(),
  })
  .meta({ id: 'Build' });
export type Build = z.infer<typeof Build>;

export const BuildWithSteps = Build.extend({ steps: z.array(Step) }).meta({ id: 'BuildWithSteps' });
export type BuildWithSteps = z.infer<typeof BuildWithSteps>;
