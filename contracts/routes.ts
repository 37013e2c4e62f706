import * as z from 'zod';
import { Autostart } from './autostart.ts';
import { AppName, OwnerName, Port, TemplateName, WorkspaceName } from './names.ts';
import { CreateShare, Share, SharedWorkspace, ShareId } from './sharing.ts';
import { SharingLimit } from './sharing-limits.ts';
import { App, Parameter, Parameters, StopPolicy, templateLimits } from './template.ts';
import { TemplatePreview, TemplateProblem } from './template-checks.ts';
import { Build, BuildWithSteps, Instant, Workspace } from './workspace.ts';

/**
 * The one route table. From it come the router's entries, the checks of every request and answer, the OpenAPI
 * document, and the client of portal and CLI. `access` is who may call at all; what they may see of others' things
 * is the policy's (core/access.ts).
 */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  summary: string;
  access: 'public' | 'signed-in';
  /** A `POST` that takes an `Idempotency-Key`: same key and body, same answer; same key, other body, refused. */
  idempotent?: true;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  status: 200 | 201 | 202 | 204;
  response?: z.ZodType;
}

const page = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(1_000).optional().meta({ description: '`next` of the page before' }),
};
const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().optional().meta({ description: 'Cursor of the next page' }) });

export const Role = z.enum(['member', 'template-admin', 'auditor', 'admin']);
export type Role = z.infer<typeof Role>;

export const Me = z
  .object({
    id: z.string(),
    name: OwnerName,
    displayName: z.string(),
    email: z.string().optional(),
    groups: z.array(z.string()),
    roles: z.array(Role),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;

export const Person = z
  .object({
    id: z.string(),
    name: OwnerName,
    displayName: z.string(),
    email: z.string().optional().meta({ description: 'For admins alone' }),
    groups: z.array(z.string()),
    roles: z.array(Role),
    active: z.boolean().meta({ description: 'False: refused at every request' }),
    signedInAt: Instant.optional(),
  })
  .meta({ id: 'Person' });
export type Person = z.infer<typeof Person>;

export const Token = z
  .object({
    id: z.string(),
    name: z.string(),
    createdAt: Instant,
    expiresAt: Instant,
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof Token>;

export const GitKey = z
  .object({
    publicKey: z
      .string()
      .meta({ description: 'In OpenSSH’s format, to be given to git hosts; ends in `berth:<name>`' }),
    fingerprint: z.string().meta({ description: '`SHA256:…`, as git hosts and `ssh-add -l` show it' }),
    createdAt: Instant,
  })
  .meta({ id: 'GitKey' });
export type GitKey = z.infer<typeof GitKey>;

export const Template = z
  .object({
    name: TemplateName,
    displayName: z.string(),
    description: z.string(),
    icon: z.string(),
    latestVersion: z.int(),
    activeVersion: z.int().meta({ description: 'What new workspaces get, and existing ones are offered' }),
    deprecated: z
      .object({ since: Instant, message: z.string() })
      .optional()
      .meta({ description: 'Takes no new workspaces; existing ones run on' }),
  })
  .meta({ id: 'Template' });
export type Template = z.infer<typeof Template>;

export const TemplateVersion = z
  .object({
    template: TemplateName,
    version: z.int(),
    createdAt: Instant,
    createdBy: z.string().optional(),
    parameters: z.array(Parameter),
    apps: z.array(App),
    stop: StopPolicy,
    compute: z.object({ kind: z.string() }),
    readme: z.string().optional(),
    digest: z.string().meta({ description: 'sha256 of the template folder' }),
  })
  .meta({ id: 'TemplateVersion' });
export type TemplateVersion = z.infer<typeof TemplateVersion>;

const inWorkspace = z.strictObject({
  workspace: z.string().max(50).meta({
    description: "A workspace's id, the name of one of your own, or `<name>--<owner>` for another person's",
  }),
});
const ofPerson = z.strictObject({
  person: z.string().max(40).meta({ description: "A person's user name or id" }),
});
const inBuild = inWorkspace.extend({ build: z.coerce.number().int().min(1) });
const inTemplate = z.strictObject({ template: TemplateName });

export const CreateWorkspace = z
  .strictObject({
    name: WorkspaceName,
    template: TemplateName,
    version: z.int().min(1).optional().meta({ description: 'Left out, the active one' }),
    parameters: Parameters.default({}),
  })
  .meta({ id: 'CreateWorkspace' });
export const StartWorkspace = z
  .strictObject({
    version: z.int().min(1).optional().meta({ description: 'Change to this template version' }),
    parameters: Parameters.optional().meta({ description: 'Parameters to change; the others stay' }),
  })
  .meta({ id: 'StartWorkspace' });

/** Counted in bytes, as the table counts them. */
const textUpTo = (bytes: number) => {
  const error = `is larger than ${bytes / 1024} KB`;
  return z
    .string()
    .max(bytes, { error, abort: true })
    .refine((text) => new TextEncoder().encode(text).length <= bytes, error);
};

export const PublishTemplate = z
  .strictObject({
    file: textUpTo(templateLimits.file).meta({ description: 'Text of template.yaml, at most 128 KB' }),
    readme: textUpTo(templateLimits.readme).optional().meta({ description: 'Text of README.md, at most 64 KB' }),
    promote: z
      .boolean()
      .default(true)
      .meta({ description: 'Make it the active version; the first version of a template always is' }),
  })
  .meta({ id: 'PublishTemplate' });
const templateFile = PublishTemplate.omit({ promote: true });

export const LogChunk = z.object({ at: Instant, text: z.string() });

export const routes = {
  health: {
    method: 'GET',
    path: '/api/health',
    summary: 'Whether Berth answers',
    access: 'public',
    status: 200,
    response: z.object({ status: z.literal('ok'), version: z.string() }),
  },
  config: {
    method: 'GET',
    path: '/api/config',
    summary: 'What the portal and the CLI need to sign in',
    access: 'public',
    status: 200,
    response: z.object({
      issuer: z.url(),
      clientId: z.string(),
      resource: z.string().optional(),
      scope: z.string(),
      appDomain: z.string().meta({ description: 'Apps are at `<app>--<workspace>--<owner>.<appDomain>`' }),
    }),
  },
  me: { method: 'GET', path: '/api/me', summary: 'Who you are', access: 'signed-in', status: 200, response: Me },
  listTokens: {
    method: 'GET',
    path: '/api/tokens',
    summary: 'Your API tokens',
    access: 'signed-in',
    query: z.strictObject(page),
    status: 200,
    response: pageOf(Token),
  },
  createToken: {
    method: 'POST',
    path: '/api/tokens',
    summary: 'Make an API token, by a sign-in and not by another one; its secret is shown this once',
    access: 'signed-in',
    body: z.strictObject({ name: z.string().min(1).max(60), days: z.int().min(1).max(365).default(90) }),
    status: 201,
    response: Token.extend({ secret: z.string() }),
  },
  revokeToken: {
    method: 'DELETE',
    path: '/api/tokens/{token}',
    summary: 'Revoke an API token',
    access: 'signed-in',
    params: z.strictObject({ token: z.string().max(60) }),
    status: 204,
  },
  getGitKey: {
    method: 'GET',
    path: '/api/me/git-key',
    summary: 'The public half of the SSH key that your workspaces use for git',
    access: 'signed-in',
    status: 200,
    response: GitKey,
  },
  makeGitKey: {
    method: 'POST',
    path: '/api/me/git-key',
    summary: 'Make your git key, or replace it; one that you have is answered as it is',
    access: 'signed-in',
    body: z.strictObject({
      rotate: z
        .boolean()
        .default(false)
        .meta({ description: 'Make another; workspaces that run use the old one until they are started again' }),
    }),
    status: 200,
    response: GitKey,
  },
  listPeople: {
    method: 'GET',
    path: '/api/people',
    summary: 'Everybody who ever signed in, by name; for admins and auditors',
    access: 'signed-in',
    query: z.strictObject(page),
    status: 200,
    response: pageOf(Person),
  },
  deactivatePerson: {
    method: 'POST',
    path: '/api/people/{person}/deactivate',
    summary: 'Refuse a person from now on, end what they have open, and stop their workspaces; for admins',
    access: 'signed-in',
    params: ofPerson,
    status: 200,
    response: Person,
  },
  activatePerson: {
    method: 'POST',
    path: '/api/people/{person}/activate',
    summary: 'Let a deactivated person in again; for admins',
    access: 'signed-in',
    params: ofPerson,
    status: 200,
    response: Person,
  },
  listTemplates: {
    method: 'GET',
    path: '/api/templates',
    summary: 'Templates you may use',
    access: 'signed-in',
    query: z.strictObject(page),
    status: 200,
    response: pageOf(Template),
  },
  getTemplate: {
    method: 'GET',
    path: '/api/templates/{template}',
    summary: 'A template with its active version',
    access: 'signed-in',
    params: inTemplate,
    status: 200,
    response: Template.extend({ active: TemplateVersion }),
  },
  listTemplateVersions: {
    method: 'GET',
    path: '/api/templates/{template}/versions',
    summary: 'Versions of a template, newest first',
    access: 'signed-in',
    params: inTemplate,
    query: z.strictObject(page),
    status: 200,
    response: pageOf(TemplateVersion),
  },
  publishTemplate: {
    method: 'POST',
    path: '/api/templates/{template}/versions',
    summary: 'Publish a new version of a template, or a new template; for admins and template admins',
    access: 'signed-in',
    params: inTemplate,
    body: PublishTemplate,
    status: 200,
    response: z.object({
      template: TemplateName,
      version: z.int(),
      published: z.boolean().meta({ description: 'False: the latest version is the same, and nothing was changed' }),
      activeVersion: z.int(),
    }),
  },
  lintTemplate: {
    method: 'POST',
    path: '/api/templates/{template}/lint',
    summary: 'Everything that is wrong with a template’s file; publishes nothing; for admins and template admins',
    access: 'signed-in',
    params: inTemplate,
    body: templateFile,
    status: 200,
    response: z.object({
      ok: z.boolean().meta({ description: 'It may be published' }),
      problems: z.array(TemplateProblem),
    }),
  },
  previewTemplate: {
    method: 'POST',
    path: '/api/templates/{template}/preview',
    summary: 'What a workspace of it would create and cost; a file, where one is given, is for those who may publish',
    access: 'signed-in',
    params: inTemplate,
    body: z.strictObject({
      file: templateFile.shape.file.optional(),
      version: z.int().min(1).optional().meta({ description: 'Left out, the active one' }),
      parameters: Parameters.default({}),
    }),
    status: 200,
    response: TemplatePreview,
  },
  promoteTemplate: {
    method: 'POST',
    path: '/api/templates/{template}/promote',
    summary: 'Make a version the active one, newer or older; for admins and template admins',
    access: 'signed-in',
    params: inTemplate,
    body: z.strictObject({ version: z.int().min(1) }),
    status: 200,
    response: Template,
  },
  deprecateTemplate: {
    method: 'POST',
    path: '/api/templates/{template}/deprecate',
    summary: 'Take no new workspaces, or take them again; existing ones run on; for admins and template admins',
    access: 'signed-in',
    params: inTemplate,
    body: z.strictObject({
      deprecated: z.boolean().default(true),
      message: z.string().trim().max(300).default('').meta({ description: 'Why, and what to use instead' }),
    }),
    status: 200,
    response: Template,
  },
  getTemplateSource: {
    method: 'GET',
    path: '/api/templates/{template}/source',
    summary: 'The text that the newest version was published from; for admins and template admins',
    access: 'signed-in',
    params: inTemplate,
    status: 200,
    response: z.object({
      template: TemplateName,
      version: z.int(),
      file: z.string(),
      readme: z.string().optional(),
    }),
  },
  getTemplateVersion: {
    method: 'GET',
    path: '/api/templates/{template}/versions/{version}',
    summary: 'One version of a template',
    access: 'signed-in',
    params: inTemplate.extend({ version: z.coerce.number().int().min(1) }),
    status: 200,
    response: TemplateVersion,
  },
  listWorkspaces: {
    method: 'GET',
    path: '/api/workspaces',
    summary: 'Your workspaces by name, or everyone’s for admins and auditors',
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
    summary: 'One workspace',
    access: 'signed-in',
    params: inWorkspace,
    status: 200,
    response: Workspace,
  },
  startWorkspace: {
    method: 'POST',
    path: '/api/workspaces/{workspace}/start',
    summary: 'Start it; a second start joins the first',
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
    summary: 'Stop it; while it starts, this cancels the start',
    access: 'signed-in',
    idempotent: true,
    params: inWorkspace,
    status: 202,
    response: Workspace,
  },
  deleteWorkspace: {
    method: 'DELETE',
    path: '/api/workspaces/{workspace}',
    summary: 'Delete it with its home',
    access: 'signed-in',
    params: inWorkspace,
    status: 202,
    response: Workspace,
  },
  extendWorkspace: {
    method: 'POST',
    path: '/api/workspaces/{workspace}/extend',
    summary: 'Put its stop off, within the template’s bounds',
    access: 'signed-in',
    idempotent: true,
    params: inWorkspace,
    body: z.strictObject({ minutes: z.int().min(1).max(20_160).meta({ description: 'From now' }) }),
    status: 200,
    response: Workspace,
  },
  setAutostart: {
    method: 'PUT',
    path: '/api/workspaces/{workspace}/autostart',
    summary: 'Have it start by itself on days of the week; replaces what was set before',
    access: 'signed-in',
    params: inWorkspace,
    body: Autostart,
    status: 200,
    response: Workspace,
  },
  removeAutostart: {
    method: 'DELETE',
    path: '/api/workspaces/{workspace}/autostart',
    summary: 'Have it start by itself no more',
    access: 'signed-in',
    params: inWorkspace,
    status: 200,
    response: Workspace,
  },
  listBuilds: {
    method: 'GET',
    path: '/api/workspaces/{workspace}/builds',
    summary: 'Its builds, newest first',
    access: 'signed-in',
    params: inWorkspace,
    query: z.strictObject(page),
    status: 200,
    response: pageOf(Build),
  },
  getBuild: {
    method: 'GET',
    path: '/api/workspaces/{workspace}/builds/{build}',
    summary: 'A build with its steps',
    access: 'signed-in',
    params: inBuild,
    status: 200,
    response: BuildWithSteps,
  },
  getBuildLog: {
    method: 'GET',
    path: '/api/workspaces/{workspace}/builds/{build}/steps/{step}/log',
    summary: 'The log of a step, from where you left off',
    access: 'signed-in',
    params: inBuild.extend({ step: z.string().max(40) }),
    query: z.strictObject({ cursor: page.cursor }),
    status: 200,
    response: z.object({
      chunks: z.array(LogChunk),
      next: z.string().meta({ description: 'Cursor to go on from, also when nothing came' }),
      done: z.boolean().meta({ description: 'The step has ended and this was the rest' }),
    }),
  },
  createTicket: {
    method: 'POST',
    path: '/api/workspaces/{workspace}/tickets',
    summary: 'A single-use ticket, valid for 30 s, to open an app, a port or a session at the gateway',
    access: 'signed-in',
    params: inWorkspace,
    body: z.discriminatedUnion('for', [
      z.strictObject({ for: z.literal('app'), app: AppName }),
      z.strictObject({ for: z.literal('port'), port: Port }),
      z.strictObject({ for: z.literal('session') }),
    ]),
    status: 201,
    response: z.object({ ticket: z.string(), url: z.string().meta({ description: 'Where the ticket is taken' }) }),
  },
  listShares: {
    method: 'GET',
    path: '/api/workspaces/{workspace}/shares',
    summary: 'With whom a workspace, its apps and ports are shared; for its owner and admins',
    access: 'signed-in',
    params: inWorkspace,
    status: 200,
    response: z.object({
      items: z.array(Share).meta({ description: 'At most 50, oldest first' }),
      allowed: z
        .object({ apps: SharingLimit, workspace: SharingLimit })
        .meta({ description: 'With whom it may be shared at the most, by its template and the installation' }),
    }),
  },
  createShare: {
    method: 'POST',
    path: '/api/workspaces/{workspace}/shares',
    summary: 'Share a workspace, an app or a port of yours; the same again changes only when it ends',
    access: 'signed-in',
    params: inWorkspace,
    body: CreateShare,
    status: 201,
    response: Share,
  },
  revokeShare: {
    method: 'DELETE',
    path: '/api/workspaces/{workspace}/shares/{share}',
    summary: 'Take a share back; what is open by it ends within a second. For the owner and admins',
    access: 'signed-in',
    params: inWorkspace.extend({ share: ShareId }),
    status: 204,
  },
  listShared: {
    method: 'GET',
    path: '/api/shared',
    summary: 'What others share with you, oldest workspace first',
    access: 'signed-in',
    query: z.strictObject(page),
    status: 200,
    response: pageOf(SharedWorkspace),
  },
  getShared: {
    method: 'GET',
    path: '/api/shared/{workspace}',
    summary: 'What of one workspace you may use: of your own all, of another’s what is shared with you',
    access: 'signed-in',
    params: inWorkspace,
    status: 200,
    response: SharedWorkspace,
  },
} as const satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;

type Input<T> = T extends z.ZodType ? z.input<T> : never;
type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;
type Part<R, K extends string> = R extends Record<K, infer T> ? T : undefined;

/** What a caller hands to a route. */
export type RouteInput<N extends RouteName> = (Part<Routes[N], 'params'> extends z.ZodType
  ? { params: Input<Part<Routes[N], 'params'>> }
  : unknown) &
  (Part<Routes[N], 'query'> extends z.ZodType ? { query?: Input<Part<Routes[N], 'query'>> } : unknown) &
  (Part<Routes[N], 'body'> extends z.ZodType ? { body: Input<Part<Routes[N], 'body'>> } : unknown);

/** What a route's handler receives, checked. */
export interface RouteRequest<N extends RouteName> {
  params: Parsed<Part<Routes[N], 'params'>>;
  query: Parsed<Part<Routes[N], 'query'>>;
  body: Parsed<Part<Routes[N], 'body'>>;
}

export type RouteResponse<N extends RouteName> =
  Part<Routes[N], 'response'> extends z.ZodType ? z.output<Part<Routes[N], 'response'>> : undefined;
