import { appLabel, workspaceLabel } from '../../contracts/values/names.ts';
import type { Build, Step } from '../../contracts/workspaces/builds.ts';
import type { Workspace } from '../../contracts/workspaces/workspace.ts';
import { isBrowserOnly } from '../access/browser-only.ts';
import type { Rules } from '../rules.ts';
import { type BuildRecord, isActive } from './records/build-record.ts';
import type { WorkspaceRecord } from './records/workspace-record.ts';
import { autostartView } from './rules/autostart-time.ts';
import { stopView } from './rules/stop-time.ts';

/** The base URL of apps: `http://<label>.localhost:8080/`. */
export interface AppAddress {
  scheme: 'http' | 'https';
  domain: string;
}

/** A workspace as the API shows it. */
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
    ...optional('problem', workspace.appProblems?.[app.name]),
  })),
  ...optional('home', workspace.home),
  portUrl: `${address.scheme}://{port}--${labelOf(workspace)}.${address.domain}/`,
  browserOnly: isBrowserOnly(workspace, installation),
  ...optional('failure', workspace.failure),
  ...(workspace.status === 'running' ? optional('unhealthy', workspace.unhealthy) : {}),
  ...optional('startedAt', workspace.startedAt),
  ...optional('lastActivityAt', workspace.lastActivityAt),
  ...optional('stop', stopView(workspace, now)),
  ...optional('autostart', autostartView(workspace, now)),
  ...optional('prices', workspace.prices),
  createdAt: workspace.createdAt,
  updatedAt: workspace.updatedAt,
  version: workspace.version,
});

const agentView = ({ status, message }: NonNullable<WorkspaceRecord['agent']>) => ({
  status,
  ...optional('message', message),
});

type Named = Pick<WorkspaceRecord, 'name' | 'ownerName'>;

const labelOf = ({ name, ownerName }: Named): string => workspaceLabel({ workspace: name, owner: ownerName });

/** The URL of an app or a port of a workspace. */
export const hostUrl = (workspace: Named, app: string, { scheme, domain }: AppAddress): string => {
  const label = appLabel({ app, workspace: workspace.name, owner: workspace.ownerName });
  return `${scheme}://${label}.${domain}/`;
};

/** A build as the API shows it. */
export const buildView = (build: BuildRecord): Build => ({
  id: build.id,
  number: build.number,
  transition: build.transition,
  reason: build.reason,
  status: build.status,
  template: build.template,
  ...optional('because', build.because),
  ...optional('requestedBy', build.requestedBy),
  createdAt: build.createdAt,
  ...optional('startedAt', build.startedAt),
  ...optional('endedAt', build.endedAt),
  ...optional('failure', build.failure),
});

/**
 * Steps in the order they began. A step that is still running in a build that has ended is shown as ended with the
 * build, or with the build's run (`isRunning`: the workspace still runs from this build).
 */
export const stepViews = (build: BuildRecord, steps: readonly Step[], isRunning: boolean): Step[] =>
  [...steps]
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0))
    .map((step) => ({ ...pickStep(asEnded(build, step, isRunning)), ...optional('usualMs', build.usual[step.name]) }));

const pickStep = ({ name, title, status, startedAt, endedAt, message, hasLog }: Step): Step => ({
  name,
  title,
  status,
  startedAt,
  hasLog,
  ...optional('endedAt', endedAt),
  ...optional('message', message),
});

/**
 * App checks outlive a successful start and end with its run. Any other step that a finished build left running failed
 * with the build. Its message is removed, because it would be mistaken for the reason, which the build states.
 */
const asEnded = (build: BuildRecord, step: Step, isRunning: boolean): Step => {
  if (step.status !== 'running' || isActive(build.status) || (build.status === 'succeeded' && isRunning)) return step;
  const { message: _, ...kept } = step;
  const endedAt = [build.endedAt ?? '', step.startedAt].sort()[1];
  const message = build.status === 'succeeded' ? 'The workspace was stopped first.' : undefined;
  return { ...kept, status: 'failed', ...optional('endedAt', endedAt), ...optional('message', message) };
};

const optional = <K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [P in K]?: V });
