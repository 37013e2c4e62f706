import { sessionPath } from '../../contracts/sessions/session.ts';
import { appLabel } from '../../contracts/values/names.ts';
import type { Workspace } from '../../contracts/workspaces/workspace.ts';
import { createTicket } from '../../core/connections/sessions/tickets.ts';
import { activeVersionOf, type TemplateRecord } from '../../core/templates/template-record.ts';
import { loadTemplate } from '../../core/templates/template-store.ts';
import { setAutostart } from '../../core/workspaces/automatic/autostart.ts';
import { getBuildLog } from '../../core/workspaces/build-log.ts';
import { createWorkspace } from '../../core/workspaces/commands/create.ts';
import { extendWorkspace } from '../../core/workspaces/commands/extend.ts';
import { runStartup } from '../../core/workspaces/commands/startup.ts';
import { deleteWorkspace, startWorkspace, stopWorkspace } from '../../core/workspaces/commands/transitions.ts';
import { getBuild, listBuilds, listWorkspaces } from '../../core/workspaces/queries.ts';
import type { WorkspaceRecord } from '../../core/workspaces/records/workspace-record.ts';
import { findWorkspace } from '../../core/workspaces/store.ts';
import { workspaceView } from '../../core/workspaces/view.ts';
import type { ApiRuntime } from '../runtime.ts';
import type { Call, Handlers } from './envelope.ts';
import { provideGitKey } from './git-key.ts';

/** Returns a function that converts a workspace to the response of the API. */
export const viewIn =
  ({ appAddress, rules }: ApiRuntime) =>
  (workspace: WorkspaceRecord): Workspace =>
    workspaceView(workspace, appAddress, rules.clock(), rules.installation);

/** The app or port in the first label of the host that a ticket is for; `undefined` for a session. */
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
  | 'runStartup'
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
    return { ...page, items: page.items.map(viewIn(runtime)) };
  },
  createWorkspace: ({ runtime, person, body, once }) =>
    once(viewIn(runtime), async (alongside) => {
      const keyProvided = provideGitKey(runtime, person);
      const workspace = await createWorkspace(runtime.rules, person, body, alongside);
      await keyProvided;
      return workspace;
    }),
  getWorkspace: async ({ runtime, person, params }) => {
    const workspace = await findWorkspace(runtime.rules, person, params.workspace, 'read');
    const template = await loadTemplate(runtime.rules.table, workspace.template.name);
    return withActiveVersion(viewIn(runtime)(workspace), template);
  },
  startWorkspace: ({ runtime, person, params, body, once }) =>
    once(viewIn(runtime), (alongside) => startWorkspace(runtime.rules, person, params.workspace, body, alongside)),
  stopWorkspace: ({ runtime, person, params, once }) =>
    once(viewIn(runtime), (alongside) => stopWorkspace(runtime.rules, person, params.workspace, alongside)),
  runStartup: ({ runtime, person, params, once }) =>
    once(viewIn(runtime), (alongside) => runStartup(runtime.rules, person, params.workspace, alongside)),
  deleteWorkspace: async ({ runtime, person, params }) =>
    viewIn(runtime)(await deleteWorkspace(runtime.rules, person, params.workspace)),
  extendWorkspace: ({ runtime, person, params, body, once }) =>
    once(viewIn(runtime), (alongside) =>
      extendWorkspace(runtime.rules, person, params.workspace, body.minutes, alongside),
    ),
  setAutostart: async ({ runtime, person, params, body }) =>
    viewIn(runtime)(await setAutostart(runtime.rules, person, params.workspace, body)),
  removeAutostart: async ({ runtime, person, params }) =>
    viewIn(runtime)(await setAutostart(runtime.rules, person, params.workspace, undefined)),
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
