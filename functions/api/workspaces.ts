import { appLabel } from '../../contracts/names.ts';
import { sessionPath } from '../../contracts/session.ts';
import { createTicket } from '../../core/connections/tickets.ts';
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
import type { Handlers } from './envelope.ts';

const view = ({ appAddress, rules }: ApiRuntime, workspace: WorkspaceRecord) =>
  workspaceView(workspace, appAddress, rules.clock());

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
  createWorkspace: async ({ runtime, person, body, alongside }) =>
    view(runtime, await createWorkspace(runtime.rules, person, body, alongside)),
  getWorkspace: async ({ runtime, person, params }) =>
    view(runtime, await findWorkspace(runtime.rules.table, person, params.workspace, 'read')),
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
    const app = body.for === 'app' ? body.app : undefined;
    const { ticket, workspaceId, host } = await createTicket(runtime.rules, person, params.workspace, app);
    const { scheme, domain } = runtime.appAddress;
    const url =
      host === undefined
        ? sessionPath(workspaceId, 'terminal')
        : `${scheme}://${appLabel(host)}.${domain}/.berth/session`;
    return { ticket, url };
  },
};
