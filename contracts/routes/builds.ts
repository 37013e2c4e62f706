import * as z from 'zod';
import { Instant } from '../values/time.ts';
import { Build, BuildWithSteps } from '../workspaces/builds.ts';
import { inBuild, inWorkspace, page, pageOf, type Route } from './route.ts';

const LogChunk = z.object({ at: Instant, text: z.string() });

export const buildRoutes = {
  listBuilds: {
    method: 'GET',
    path: '/api/workspaces/{workspace}/builds',
    summary: 'List the builds of a workspace, newest first',
    access: 'signed-in',
    params: inWorkspace,
    query: z.strictObject(page),
    status: 200,
    response: pageOf(Build),
  },
  getBuild: {
    method: 'GET',
    path: '/api/workspaces/{workspace}/builds/{build}',
    summary: 'Get a build with its steps',
    access: 'signed-in',
    params: inBuild,
    status: 200,
    response: BuildWithSteps,
  },
  getBuildLog: {
    method: 'GET',
    path: '/api/workspaces/{workspace}/builds/{build}/steps/{step}/log',
    summary: 'Read the log of a step, starting at a cursor',
    access: 'signed-in',
    params: inBuild.extend({ step: z.string().max(40) }),
    query: z.strictObject({ cursor: page.cursor }),
    status: 200,
    response: z.object({
      chunks: z.array(LogChunk),
      next: z.string().meta({ description: 'Cursor for the next read, also when there is nothing new' }),
      done: z.boolean().meta({ description: 'The step has ended and its log is complete' }),
    }),
  },
} as const satisfies Record<string, Route>;
