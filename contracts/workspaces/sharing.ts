import * as z from 'zod';
import { AppName, OwnerName, Port, WorkspaceId, WorkspaceName } from '../values/names.ts';
import { Instant } from '../values/time.ts';
import { Workspace, WorkspaceApp, WorkspaceStatus } from './workspace.ts';

/** Maximum number of shares of a workspace. */
export const mostShares = 50;

/** What is shared: an app, a port, or the whole workspace. A share permits to see and use it, not to manage it. */
export const ShareWhat = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('workspace') }),
  z.strictObject({ kind: z.literal('app'), app: AppName }),
  z.strictObject({ kind: z.literal('port'), port: Port }),
]);
export type ShareWhat = z.infer<typeof ShareWhat>;

const group = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{C}+$/u, 'A group has only visible characters')
  .meta({ description: 'A group of the identity provider' });

/** The audience of a share. `everyone` is everyone who is signed in. */
export const ShareWith = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('person'),
    person: z.string().min(1).max(40).meta({ description: "A person's user name or ID" }),
  }),
  z.strictObject({ kind: z.literal('group'), group }),
  z.strictObject({ kind: z.literal('everyone') }),
]);
export type ShareWith = z.infer<typeof ShareWith>;

export const CreateShare = z
  .strictObject({
    what: ShareWhat,
    with: ShareWith,
    expiresAt: Instant.optional().meta({ description: 'When the share expires. Default: never' }),
  })
  .meta({ id: 'CreateShare' });

export const ShareId = z.string().regex(/^sh-[0-9a-f]{24}$/, 'A share ID looks like sh-0a1b…');

export const Share = z
  .object({
    id: ShareId,
    what: ShareWhat,
    with: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('person'), id: z.string(), name: OwnerName }),
      z.strictObject({ kind: z.literal('group'), group }),
      z.strictObject({ kind: z.literal('everyone') }),
    ]),
    url: z.url().optional().meta({ description: 'Address of the app or port' }),
    active: z.boolean().meta({ description: 'False: the share has no effect at the moment' }),
    inactive: z.string().optional().meta({ description: 'Why the share has no effect, as a sentence' }),
    createdAt: Instant,
    createdBy: OwnerName,
    expiresAt: Instant.optional(),
  })
  .meta({ id: 'Share' });
export type Share = z.infer<typeof Share>;

/** What the person may use of a workspace: all of a shared workspace, else the shared apps and ports. */
export const SharedWorkspace = z
  .object({
    id: WorkspaceId,
    name: WorkspaceName,
    owner: z.object({ id: z.string(), name: OwnerName }),
    status: WorkspaceStatus,
    apps: z.array(WorkspaceApp).meta({ description: 'The apps that you may open' }),
    ports: z
      .array(z.object({ port: Port, url: z.url() }))
      .meta({ description: 'The ports that are shared individually' }),
    workspace: Workspace.optional().meta({ description: 'Present when the whole workspace is shared' }),
  })
  .meta({ id: 'SharedWorkspace' });
export type SharedWorkspace = z.infer<typeof SharedWorkspace>;
