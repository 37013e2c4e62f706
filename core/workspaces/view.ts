import { appLabel, workspaceLabel } from '../../contracts/values/names.ts';
import type { Build, Step } from '../../contracts/workspaces/builds.ts';
import type { Workspace } from '../../contracts/workspaces/workspace.ts';
import { isBrowserOnly } from '../access/browser-only.ts';
import type { Rules } from '../rules.ts';
import { type BuildRecord, isActive } from './records/build-record.ts';
import type { WorkspaceRecord } from './records/workspace-record.ts';
import { autostartView } from './rules/autostart-time.ts';
import { stopView } from './rules/stop-time.ts';

/** Where apps are reached: `http://<label>.localhost:8080/`. */
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
    ...given('problem', workspace.appProblems?.[app.name]),
  })),
  ...given('home', workspace.home),
  portUrl: `${address.scheme}://{port}--${labelOf(workspace)}.${address.domain}/`,
  browserOnly: isBrowserOnly(workspace, installation),
  ...given('failure', workspace.failure),
  ...(workspace.status === 'running' ? given('unhealthy', workspace.unhealthy) : {}),
  ...given('startedAt', workspace.startedAt),
  ...given('lastActivityAt', workspace.lastActivityAt),
  ...given('stop', stopView(workspace, now)),
  ...given('autostart', autostartView(workspace, now)),
  ...given('prices', workspace.prices),
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

/** A build as the API shows it. */
export const buildView = (build: BuildRecord): Build => ({
  id: build.id,
  number: build.number,
  transition: build.transition,
  reason: build.reason,
  status: build.status,
  template: build.template,
  ...given('because', build.because),
  ...given('requestedBy', build.requestedBy),
  createdAt: build.createdAt,
  ...given('startedAt', build.startedAt),
  ...given('endedAt', build.endedAt),
  ...given('failure', build.failure),
});

/**
 * Steps in the order they began. What still runs in a build that is over has ended with it, or with its run (`runs`).
 */
export const stepViews = (build: BuildRecord, steps: readonly Step[], runs: boolean): Step[] =>
  [...steps]
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0))
    .map((step) => ({ ...pickStep(endedWith(build, step, runs)), ...given('usualMs', build.usual[step.name]) }));

const pickStep = ({ name, title, status, startedAt, endedAt, message, hasLog }: Step): Step => ({
  name,
  title,
  status,
  startedAt,
  hasLog,
  ...given('endedAt', endedAt),
  ...given('message', message),
});

/**
 * App checks outlive a successful start, as long as its run; anything else that a finished build left running failed
 * with it. Why, says the build: what the step was doing last would pass for the reason.
 */
const endedWith = (build: BuildRecord, step: Step, runs: boolean): Step => {
  if (step.status !== 'running' || isActive(build.status) || (build.status === 'succeeded' && runs)) return step;
  const { message: _, ...kept } = step;
  const endedAt = [build.endedAt ?? '', step.startedAt].sort()[1];
  const message = build.status === 'succeeded' ? 'The workspace was stopped before.' : undefined;
  return { ...kept, status: 'failed', ...given('endedAt', endedAt), ...given('message', message) };
};

const given = <K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [P in K]?: V });
