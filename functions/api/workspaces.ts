import { appLabel } from '../../contracts/names.ts';
import { sessionPath } from '../../contracts/session.ts';
import type { Workspace } from '../../contracts/workspace.ts';
import { createTicket } from '../../core/connections/tickets.ts';
import { activeVersionOf, type TemplateRecord } from '../../core/templates/record.ts';
import { loadTemplate } from '../../core/templates/store.ts';
import { setAutostart } from '../../core/workspaces/autostart-acts.ts';
import {
  createWorkspace,
  deleteWorkspace,
  extendWorkspace,
  startWorkspace,
  stopWorkspace,
} from '../../core/workspaces/commands.ts';
import { getBuild, getBuildLog, listBuilds, listWorkspaces } from '../../core/workspaces/queries.ts';
import type { WorkspaceRecord } from '../../core/workspaces/record.ts';
import { findWorkspace } from '../../core/workspaces/store.ts';
import { workspaceView } from '../../core/workspaces/view.ts';
import type { ApiRuntime } from '../runtime.ts';
import type { Call, Handlers } from './envelope.ts';
import { provideGitKey } from './git-key.ts';

const view = ({ appAddress, rules }: ApiRuntime, workspace: WorkspaceRecord) =>
  workspaceView(workspace, appAddress, rules.clock(), rules.installation);

/** The first part of the host that a ticket is for; none for a session. */
const targetOf = (body: Call<'createTicket'>['body']): string | undefined => {
  if (body.for === 'session') return undefined;
  return body.for === 'app' ? body.app : String(body.port);
};

const withActiveVersion = (workspace: Workspace, template: TemplateRecord | undefined): Workspace =>
  template === undefined
    ? workspace
    : { ...workspace, template: { ...workspace.template, activeVersion: activeVersionOf(template) } };

export const workspaceHandlers: Handlers<
  | 'listWorkspaces'
  | 'createWorkspace'
  | 'getWorkspace'
  | 'startWorkspace'
  | 'stopWorkspace'
  | 'deleteWorkspace'
  | 'extendWorkspace'
  | 'setAutostart'
  | 'removeAutostart'
  | 'listBuilds'
  | 'getBuild'
  | 'getBuildLog'
  | 'createTicket'
> = {
  listWorkspaces: async ({ runtime, person, query }) => {
    const page = await listWorkspaces(runtime.rules, person, query);
    return { ...page, items: page.items.map((workspace) => view(runtime, workspace)) };
  },
  createWorkspace: async ({ runtime, person, body, alongside }) => {
    const keyProvided = provideGitKey(runtime, person);
    const workspace = await createWorkspace(runtime.rules, person, body, alongside);
    await keyProvided;
    return view(runtime, workspace);
  },
  getWorkspace: async ({ runtime, person, params }) => {
    const workspace = await findWorkspace(runtime.rules, person, params.workspace, 'read');
    const template = await loadTemplate(runtime.rules.table, workspace.template.name);
    return withActiveVersion(view(runtime, workspace), template);
  },
  startWorkspace: async ({ runtime, person, params, body, alongside }) =>
    view(runtime, await startWorkspace(runtime.rules, person, params.workspace, body, alongside)),
  stopWorkspace: async ({ runtime, person, params, alongside }) =>
    view(runtime, await stopWorkspace(runtime.rules, person, params.workspace, alongside)),
  deleteWorkspace: async ({ runtime, person, params }) =>
    view(runtime, await deleteWorkspace(runtime.rules, person, params.workspace)),
  extendWorkspace: async ({ runtime, person, params, body, alongside }) =>
    view(runtime, await extendWorkspace(runtime.rules, person, params.workspace, body.minutes, alongside)),
  setAutostart: async ({ runtime, person, params, body }) =>
    view(runtime, await setAutostart(runtime.rules, person, params.workspace, body)),
  removeAutostart: async ({ runtime, person, params }) =>
    view(runtime, await setAutostart(runtime.rules, person, params.workspace, undefined)),
  listBuilds: ({ runtime, person, params, query }) => listBuilds(runtime.rules, person, params.workspace, query),
  getBuild: ({ runtime, person, params }) => getBuild(runtime.rules, person, params.workspace, params.build),
  getBuildLog: ({ runtime, person, params, query }) => getBuildLog(runtime.rules, person, { ...params, ...query }),
  createTicket: async ({ runtime, person, params, body }) => {
    const app = targetOf(body);
    const { ticket, workspaceId, host } = await createTicket(runtime.rules, person, params.workspace, app);
    const { scheme, domain } = runtime.appAddress;
    const url =
      host === undefined
        ? sessionPath(workspaceId, 'terminal')
        : `${scheme}://${appLabel(host)}.${domain}/.berth/session`;
    return { ticket, url };
  },
};
