import * as z from 'zod';
import { Autostart } from './autostart.ts';
import { AppName, OwnerName, TemplateName, WorkspaceId, WorkspaceName } from './names.ts';
import { Parameters } from './template.ts';

/** An instant: ISO 8601 in UTC with milliseconds, so that instants sort as text. */
export const Instant = z.iso.datetime({ precision: 3 });

export const WorkspaceStatus = z.enum([
  'pending',
  'starting',
  'running',
  'stopping',
  'stopped',
  'failed',
  'canceling',
  'deleting',
  'deleted',
]);
export type WorkspaceStatus = z.infer<typeof WorkspaceStatus>;

export const DesiredState = z.enum(['running', 'stopped', 'deleted']);
export type DesiredState = z.infer<typeof DesiredState>;

export const AgentStatus = z.enum(['connecting', 'ready', 'start_error', 'disconnected']);
export type AgentStatus = z.infer<typeof AgentStatus>;

export const AppHealth = z.enum(['starting', 'healthy', 'unhealthy']);
export type AppHealth = z.infer<typeof AppHealth>;

export const Transition = z.enum(['start', 'stop', 'delete']);
export type Transition = z.infer<typeof Transition>;

export const BuildReason = z.enum(['person', 'autostart', 'autostop', 'dormancy', 'update', 'repair']);
export type BuildReason = z.infer<typeof BuildReason>;

export const BuildStatus = z.enum(['pending', 'running', 'succeeded', 'failed', 'canceled']);
export type BuildStatus = z.infer<typeof BuildStatus>;

export const StopReason = z.enum(['idle', 'deadline', 'required']);
export type StopReason = z.infer<typeof StopReason>;

/** A failure in words: what went wrong and what the person can do. */
export const Failure = z.object({ error: z.string(), message: z.string(), action: z.string() }).meta({ id: 'Failure' });
export type Failure = z.infer<typeof Failure>;

/** One step of a build, e.g. `startup`. Its log is read from the build's log route by `name`. */
export const Step = z
  .object({
    name: z.string().max(40),
    title: z.string().max(80),
    status: z.enum(['running', 'succeeded', 'failed']),
    startedAt: Instant,
    endedAt: Instant.optional(),
    usualMs: z
      .int()
      .optional()
      .meta({ description: 'What the step usually takes with this template, in milliseconds' }),
    message: z.string().optional().meta({ description: 'What it is doing, or why it failed' }),
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
    requestedBy: z.string().optional().meta({ description: 'The name of the person; absent when the system asked' }),
    createdAt: Instant,
    startedAt: Instant.optional(),
    endedAt: Instant.optional(),
    failure: Failure.optional(),
  })
  .meta({ id: 'Build' });
export type Build = z.infer<typeof Build>;

export const BuildWithSteps = Build.extend({ steps: z.array(Step) }).meta({ id: 'BuildWithSteps' });
export type BuildWithSteps = z.infer<typeof BuildWithSteps>;

export const WorkspaceApp = z
  .object({
    name: AppName,
    displayName: z.string(),
    icon: z.string(),
    url: z.url().meta({ description: 'Opens the app; the gateway sees to the sign-in' }),
    health: AppHealth,
  })
  .meta({ id: 'WorkspaceApp' });

export const Workspace = z
  .object({
    id: WorkspaceId,
    name: WorkspaceName,
    owner: z.object({ id: z.string(), name: OwnerName }),
    template: z.object({
      name: TemplateName,
      version: z.int(),
      displayName: z.string(),
      icon: z.string(),
      activeVersion: z
        .int()
        .optional()
        .meta({ description: 'What it may be updated to, where it is another; told with one workspace, not in lists' }),
    }),
    parameters: Parameters,
    desired: DesiredState,
    status: WorkspaceStatus,
    build: z.object({
      id: z.string(),
      number: z.int(),
      transition: Transition,
      reason: BuildReason,
      status: BuildStatus,
    }),
    agent: z.object({ status: AgentStatus, message: z.string().optional() }).optional(),
    apps: z.array(WorkspaceApp),
    home: z
      .string()
      .optional()
      .meta({ description: 'The path of its home, as its agent last told it; for editors that open a folder by SSH' }),
    portUrl: z.string().meta({ description: 'Where any port is reached: put it in the place of `{port}`' }),
    browserOnly: z
      .boolean()
      .meta({ description: 'Only terminal and apps in the browser: no SSH, exec, port forwarding or other ports' }),
    failure: Failure.optional(),
    startedAt: Instant.optional(),
    lastActivityAt: Instant.optional(),
    stop: z
      .object({
        at: Instant,
        reason: StopReason,
        because: z.string().meta({ description: 'The reason in words, e.g. "2 h after the last keystroke"' }),
        extendableUntil: Instant.meta({ description: 'The furthest that the template lets a person put the stop off' }),
      })
      .optional()
      .meta({ description: 'When and why it will stop; present while it runs' }),
    autostart: Autostart.extend({ next: Instant.meta({ description: 'When it starts next, unless it runs then' }) })
      .optional()
      .meta({ description: 'When it starts by itself' }),
    createdAt: Instant,
    updatedAt: Instant,
    version: z.int().meta({ description: 'Strictly rises with every change' }),
  })
  .meta({ id: 'Workspace' });
export type Workspace = z.infer<typeof Workspace>;
