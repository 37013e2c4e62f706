import { appLabel, workspaceLabel } from '../../contracts/names.ts';
import type { Build, Step, Workspace } from '../../contracts/workspace.ts';
import { isBrowserOnly } from '../browser-only.ts';
import type { Rules } from '../rules.ts';
import { autostartView } from './autostart.ts';
import { type BuildRecord, isActive, type WorkspaceRecord } from './record.ts';
import { stopView } from './stop-time.ts';

/** Where apps are reached: `http://<label>.localhost:8080/`. */
export interface AppAddress {
  scheme: 'http' | 'https';
  domain: string;
}

/** The workspace as it is told to people. */
export const workspaceView = (
  workspace: WorkspaceRecord,
  address: AppAddress,
  now: Date,
  installation?: Rules['installation'],
): Workspace => ({
  id: workspace.id,
  name: workspace.name,
  owner: { id: workspace.ownerId, name: workspace.ownerName },
  template: workspace.template,
  parameters: workspace.parameters,
  desired: workspace.desired,
  status: workspace.status,
  build: workspace.build,
  ...(workspace.agent === undefined ? {} : { agent: agentView(workspace.agent) }),
  apps: workspace.apps.map((app) => ({
    name: app.name,
    displayName: app.displayName ?? app.name,
    icon: app.icon,
    url: hostUrl(workspace, app.name, address) + app.path.slice(1),
    health: workspace.appHealth[app.name] ?? 'starting',
  })),
  ...given('home', workspace.home),
  portUrl: `${address.scheme}://{port}--${labelOf(workspace)}.${address.domain}/`,
  browserOnly: isBrowserOnly(workspace, installation),
  ...given('failure', workspace.failure),
  ...given('startedAt', workspace.startedAt),
  ...given('lastActivityAt', workspace.lastActivityAt),
  ...given('stop', stopView(workspace, now)),
  ...given('autostart', autostartView(workspace, now)),
  createdAt: workspace.createdAt,
  updatedAt: workspace.updatedAt,
  version: workspace.version,
});

const agentView = ({ status, message }: NonNullable<WorkspaceRecord['agent']>) => ({
  status,
  ...given('message', message),
});

type Named = Pick<WorkspaceRecord, 'name' | 'ownerName'>;

const labelOf = ({ name, ownerName }: Named): string => workspaceLabel({ workspace: name, owner: ownerName });

/** Where an app, or a port, of a workspace is reached. */
export const hostUrl = (workspace: Named, app: string, { scheme, domain }: AppAddress): string => {
  const label = appLabel({ app, workspace: workspace.name, owner: workspace.ownerName });
  return `${scheme}://${label}.${domain}/`;
};

/** A build as it is told to people. */
export const buildView = (build: BuildRecord): Build => ({
  id: build.id,
  number: build.number,
  transition: build.transition,
  reason: build.reason,
  status: build.status,
  template: build.template,
  ...given('requestedBy', build.requestedBy),
  createdAt: build.createdAt,
  ...given('startedAt', build.startedAt),
  ...given('endedAt', build.endedAt),
  ...given('failure', build.failure),
});

/** Steps in the order they began. What still runs in a build that is over has ended with it. */
export const stepViews = (build: BuildRecord, steps: readonly Step[]): Step[] =>
  [...steps]
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0))
    .map((step) => ({ ...pickStep(step), ...given('usualMs', build.usual[step.name]), ...endedWith(build, step) }));

const pickStep = ({ name, title, status, startedAt, endedAt, message, hasLog }: Step): Step => ({
  name,
  title,
  status,
  startedAt,
  hasLog,
  ...given('endedAt', endedAt),
  ...given('message', message),
});

/** App checks outlive a successful start; anything else that a finished build left running failed with it. */
const endedWith = (build: BuildRecord, step: Step): Partial<Step> =>
  step.status !== 'running' || isActive(build.status) || build.status === 'succeeded'
    ? {}
    : { status: 'failed', ...given('endedAt', build.endedAt) };

const given = <K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [P in K]?: V });
