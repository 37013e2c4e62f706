import * as z from 'zod';
import { SharingLimit } from '../templates/sharing-limits.ts';
import { AppName, Port } from '../values/names.ts';
import { CreateShare, Share, SharedWorkspace, ShareId } from '../workspaces/sharing.ts';
import { inWorkspace, page, pageOf, type Route } from './route.ts';

export const accessRoutes = {
  createTicket: {
    method: 'POST',
    path: '/api/workspaces/{workspace}/tickets',
    summary: 'Create a single-use ticket that opens an app, a port or a session at the gateway. Valid for 30 seconds',
    access: 'signed-in',
    params: inWorkspace,
    body: z.discriminatedUnion('for', [
      z.strictObject({ for: z.literal('app'), app: AppName }),
      z.strictObject({ for: z.literal('port'), port: Port }),
      z.strictObject({ for: z.literal('session') }),
    ]),
    status: 201,
    response: z.object({ ticket: z.string(), url: z.string().meta({ description: 'Where to use the ticket' }) }),
  },
  listShares: {
    method: 'GET',
    path: '/api/workspaces/{workspace}/shares',
    summary: 'List the shares of a workspace. For its owner, admins and auditors',
    access: 'signed-in',
    params: inWorkspace,
    status: 200,
    response: z.object({
      items: z.array(Share).meta({ description: 'At most 50, oldest first' }),
      allowed: z
        .object({ apps: SharingLimit, workspace: SharingLimit })
        .meta({ description: 'The widest sharing that the template and the installation allow' }),
    }),
  },
  createShare: {
    method: 'POST',
    path: '/api/workspaces/{workspace}/shares',
    summary: 'Share your workspace, or one app or port of it. Repeating a share changes only its expiry',
    access: 'signed-in',
    params: inWorkspace,
    body: CreateShare,
    status: 201,
    response: Share,
  },
  revokeShare: {
    method: 'DELETE',
    path: '/api/workspaces/{workspace}/shares/{share}',
    summary: 'Revoke a share and close the connections that it allowed. For the owner and admins',
    access: 'signed-in',
    params: inWorkspace.extend({ share: ShareId }),
    status: 204,
  },
  listShared: {
    method: 'GET',
    path: '/api/shared',
    summary: 'List what others share with you, oldest workspace first',
    access: 'signed-in',
    query: z.strictObject(page),
    status: 200,
    response: pageOf(SharedWorkspace),
  },
  getShared: {
    method: 'GET',
    path: '/api/shared/{workspace}',
    summary: 'Get what you may use of a workspace: everything of your own, else what is shared with you',
    access: 'signed-in',
    params: inWorkspace,
    status: 200,
    response: SharedWorkspace,
  },
} as const satisfies Record<string, Route>;
