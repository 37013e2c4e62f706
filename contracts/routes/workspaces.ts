import * as z from 'zod';
import { Parameters } from '../templates/parameters.ts';
import { TemplateName, WorkspaceName } from '../values/names.ts';
import { Autostart } from '../workspaces/autostart.ts';
import { Workspace } from '../workspaces/workspace.ts';
import { inWorkspace, page, pageOf, type Route } from './route.ts';

const CreateWorkspace = z
  .strictObject({
    name: WorkspaceName,
    template: TemplateName,
    version: z.int().min(1).optional().meta({ description: 'Default: the active version' }),
    parameters: Parameters.default({}),
  })
  .meta({ id: 'CreateWorkspace' });
const StartWorkspace = z
  .strictObject({
    version: z.int().min(1).optional().meta({ description: 'Template version to change to' }),
    parameters: Parameters.optional().meta({ description: 'Parameters to change; the others keep their values' }),
  })
  .meta({ id: 'StartWorkspace' });

export const workspaceRoutes = {
  listWorkspaces: {
    method: 'GET',
    path: '/api/workspaces',
    summary: 'List your workspaces by name. Admins and auditors may list everyone’s',
    access: 'signed-in',
    query: z.strictObject({ ...page, owner: z.enum(['me', 'everyone']).default('me') }),
    status: 200,
    response: pageOf(Workspace),
  },
  createWorkspace: {
    method: 'POST',
    path: '/api/workspaces',
    summary: 'Create a workspace and start it',
    access: 'signed-in',
    idempotent: true,
    body: CreateWorkspace,
    status: 201,
    response: Workspace,
  },
  getWorkspace: {
    method: 'GET',
    path: '/api/workspaces/{workspace}',
    summary: 'Get a workspace',
    access: 'signed-in',
    params: inWorkspace,
    status: 200,
    response: Workspace,
  },
  startWorkspace: {
    method: 'POST',
    path: '/api/workspaces/{workspace}/start',
    summary: 'Start a workspace. While it starts, another request joins that start',
    access: 'signed-in',
    idempotent: true,
    params: inWorkspace,
    body: StartWorkspace,
    status: 202,
    response: Workspace,
  },
  stopWorkspace: {
    method: 'POST',
    path: '/api/workspaces/{workspace}/stop',
    summary: 'Stop a workspace. While it starts, this cancels the start',
    access: 'signed-in',
    idempotent: true,
    params: inWorkspace,
    status: 202,
    response: Workspace,
  },
  runStartup: {
    method: 'POST',
    path: '/api/workspaces/{workspace}/startup',
    summary: 'Run the startup script again in a workspace whose startup script failed',
    access: 'signed-in',
    idempotent: true,
    params: inWorkspace,
    status: 202,
    response: Workspace,
  },
  deleteWorkspace: {
    method: 'DELETE',
    path: '/api/workspaces/{workspace}',
    summary: 'Delete a workspace and its home',
    access: 'signed-in',
    params: inWorkspace,
    status: 202,
    response: Workspace,
  },
  extendWorkspace: {
    method: 'POST',
    path: '/api/workspaces/{workspace}/extend',
    summary: 'Postpone the stop of a workspace, within the limits of its template',
    access: 'signed-in',
    idempotent: true,
    params: inWorkspace,
    body: z.strictObject({ minutes: z.int().min(1).max(20_160).meta({ description: 'Minutes from now' }) }),
    status: 200,
    response: Workspace,
  },
  setAutostart: {
    method: 'PUT',
    path: '/api/workspaces/{workspace}/autostart',
    summary: 'Start a workspace automatically on days of the week. Replaces an earlier autostart',
    access: 'signed-in',
    params: inWorkspace,
    body: Autostart,
    status: 200,
    response: Workspace,
  },
  removeAutostart: {
    method: 'DELETE',
    path: '/api/workspaces/{workspace}/autostart',
    summary: 'Remove the autostart of a workspace',
    access: 'signed-in',
    params: inWorkspace,
    status: 200,
    response: Workspace,
  },
} as const satisfies Record<string, Route>;
