import * as z from 'zod';
import type { Transition } from './builds.ts';

/** Input of every workflow. An execution is named by the build's ID, so that a repeated start has no effect. */
export const WorkflowInput = z.object({ workspaceId: z.string(), buildId: z.string() });
export type WorkflowInput = z.infer<typeof WorkflowInput>;

export const WorkflowName = z.enum(['start-workspace', 'stop-workspace', 'delete-workspace']);
export type WorkflowName = z.infer<typeof WorkflowName>;
export const workflowFor = (transition: Transition): WorkflowName => `${transition}-workspace`;

/** Payload of an autostop schedule. */
export const StopWake = z.object({ workspaceId: z.string(), buildId: z.string() });
export type StopWake = z.infer<typeof StopWake>;

/** Payload of an autostart schedule. */
export const AutostartWake = z.object({ workspaceId: z.string() });
export type AutostartWake = z.infer<typeof AutostartWake>;
