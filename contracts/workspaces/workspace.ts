import * as z from 'zod';
import { Parameters } from '../templates/parameters.ts';
import { Prices } from '../templates/template-file.ts';
import { AppName, OwnerName, TemplateName, WorkspaceId, WorkspaceName } from '../values/names.ts';
import { Instant } from '../values/time.ts';
import { Autostart } from './autostart.ts';
import { BuildReason, BuildStatus, Failure, Transition } from './builds.ts';

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

export const StopReason = z.enum(['idle', 'deadline', 'required']);
export type StopReason = z.infer<typeof StopReason>;

export const WorkspaceApp = z
  .object({
    name: AppName,
    displayName: z.string(),
    icon: z.string(),
    url: z.url().meta({ description: 'Opens the app; the gateway asks for a sign-in if needed' }),
    health: AppHealth,
    problem: z.string().optional().meta({ description: 'Why the app is unhealthy, and what to do' }),
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
      activeVersion: z.int().optional().meta({
        description:
          'Version that the workspace can be updated to, if different. Only in the response for one workspace, not in lists',
      }),
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
      .meta({ description: 'Path of the home as last reported by the agent; for editors that open a folder over SSH' }),
    portUrl: z.string().meta({ description: 'Address of a port, with `{port}` for its number' }),
    browserOnly: z
      .boolean()
      .meta({ description: 'Only the terminal and apps in the browser: no SSH, exec, port forwarding or other ports' }),
    failure: Failure.optional(),
    unhealthy: Failure.optional().meta({
      description:
        'Present while the workspace runs but cannot be fully used, for example because its startup script failed',
    }),
    startedAt: Instant.optional(),
    lastActivityAt: Instant.optional(),
    stop: z
      .object({
        at: Instant,
        reason: StopReason,
        because: z.string().meta({ description: 'The reason for people, for example "2h after the last activity"' }),
        extendableUntil: Instant.meta({
          description: 'Latest time to which the template lets a person postpone the stop',
        }),
      })
      .optional()
      .meta({ description: 'When and why the workspace will stop; present while it runs' }),
    autostart: Autostart.extend({ next: Instant.meta({ description: 'Next start, unless the workspace runs then' }) })
      .optional()
      .meta({ description: 'When the workspace starts automatically' }),
    prices: Prices.optional().meta({ description: 'With the parameters of its last start' }),
    createdAt: Instant,
    updatedAt: Instant,
    version: z.int().meta({ description: 'Increases with every change' }),
  })
  .meta({ id: 'Workspace' });
export type Workspace = z.infer<typeof Workspace>;
