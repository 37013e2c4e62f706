import * as z from 'zod';
import { Incident } from '../incident.ts';
import type { Route } from './route.ts';

export const systemRoutes = {
  health: {
    method: 'GET',
    path: '/api/health',
    summary: 'Check whether Berth is available',
    access: 'public',
    status: 200,
    response: z.object({
      status: z.enum(['ok', 'degraded']).meta({ description: '`degraded`: something is delayed at the moment' }),
      version: z.string(),
      troubles: z.array(Incident).optional().meta({ description: 'Reported by a local Berth; on AWS, see the alarms' }),
    }),
  },
  config: {
    method: 'GET',
    path: '/api/config',
    summary: 'Get what the portal and the CLI need to sign in',
    access: 'public',
    status: 200,
    response: z.object({
      issuer: z.url(),
      clientId: z.string(),
      resource: z.string().optional(),
      scope: z.string(),
      appDomain: z.string().meta({ description: 'Apps are at `<app>--<workspace>--<owner>.<appDomain>`' }),
      version: z.string().meta({ description: 'Version of this Berth' }),
      support: z.url().optional().meta({ description: 'Where people of this installation get help' }),
    }),
  },
} as const satisfies Record<string, Route>;
