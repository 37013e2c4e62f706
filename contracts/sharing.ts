import * as z from 'zod';
import { AppName, OwnerName, Port, WorkspaceId, WorkspaceName } from './names.ts';
import { Instant, Workspace, WorkspaceApp, WorkspaceStatus } from './workspace.ts';

/** How many shares one workspace may have. */
export const mostShares = 50;

/** What is shared: one app, one port, or the whole workspace: to see and use it, never to manage it. */
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
  .regex(/^\P{C}+$/u, 'A group has visible characters only')
  .meta({ description: 'A group of the identity provider' });

/** With whom: a person, a group, or everyone who is signed in. */
export const ShareWith = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('person'),
    person: z.string().min(1).max(40).meta({ description: "A person's user name or id" }),
  }),
  z.strictObject({ kind: z.literal('group'), group }),
  z.strictObject({ kind: z.literal('everyone') }),
]);
export type ShareWith = z.infer<typeof ShareWith>;

export const CreateShare = z
  .strictObject({
    what: ShareWhat,
    with: ShareWith,
    expiresAt: Instant.optional().meta({ description: 'When it ends by itself; left out, never' }),
  })
  .meta({ id: 'CreateShare' });

export const ShareId = z.string().regex(/^sh-[0-9a-f]{24}$/, 'A share id looks like sh-0a1b…');

export const Share = z
  .object({
    id: ShareId,
    what: ShareWhat,
    with: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('person'), id: z.string(), name: OwnerName }),
      z.strictObject({ kind: z.literal('group'), group }),
      z.strictObject({ kind: z.literal('everyone') }),
    ]),
    url: z.url().optional().meta({ description: 'Of an app or a port: the address to hand on' }),
    active: z.boolean().meta({ description: 'False: it gives nothing now' }),
    inactive: z.string().optional().meta({ description: 'Why it gives nothing now, in a sentence' }),
    createdAt: Instant,
    createdBy: OwnerName,
    expiresAt: Instant.optional(),
  })
  .meta({ id: 'Share' });
export type Share = z.infer<typeof Share>;

/** What is shared with the person who asks: of a whole workspace all of it, else the apps and ports alone. */
export const SharedWorkspace = z
  .object({
    id: WorkspaceId,
    name: WorkspaceName,
    owner: z.object({ id: z.string(), name: OwnerName }),
    status: WorkspaceStatus,
    apps: z.array(WorkspaceApp).meta({ description: 'The apps that you may open' }),
    ports: z
      .array(z.object({ port: Port, url: z.url() }))
      .meta({ description: 'The ports that are shared one by one' }),
    workspace: Workspace.optional().meta({ description: 'Present when the whole workspace is shared' }),
  })
  .meta({ id: 'SharedWorkspace' });
export type SharedWorkspace = z.infer<typeof SharedWorkspace>;
