import * as z from 'zod';
import { AdoptHome, Home } from '../workspaces/homes.ts';
import { Workspace } from '../workspaces/workspace.ts';
import { inHome, page, pageOf, type Route } from './route.ts';

export const homeRoutes = {
  listHomes: {
    method: 'GET',
    path: '/api/homes',
    summary:
      'List unowned homes: kept homes whose workspace no longer exists, for example after the table was lost. For admins and auditors',
    access: 'signed-in',
    query: z.strictObject(page),
    status: 200,
    response: pageOf(Home),
  },
  adoptHome: {
    method: 'POST',
    path: '/api/homes/{home}/adopt',
    summary: 'Create a workspace for an unowned home, with the ID it had. Its owner starts it. For admins',
    access: 'signed-in',
    idempotent: true,
    params: inHome,
    body: AdoptHome,
    status: 201,
    response: Workspace,
  },
  discardHome: {
    method: 'DELETE',
    path: '/api/homes/{home}',
    summary: 'Destroy an unowned home with all its files. For admins',
    access: 'signed-in',
    params: inHome,
    status: 202,
    response: Home,
  },
} as const satisfies Record<string, Route>;
