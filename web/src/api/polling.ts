import type { BuildStatus, BuildWithSteps } from '../../../contracts/workspaces/builds.ts';
import type { Workspace, WorkspaceStatus } from '../../../contracts/workspaces/workspace.ts';

/** Poll intervals in milliseconds. A build step appears within a second of its start. */
export const fastInterval = 500;
export const slowInterval = 10_000;

export const minute = 60_000;

/** For lists of several pages, per page, because every poll requests all pages. */
export const fastIntervalPerPage = 1_000;

const transitionalStatuses: readonly WorkspaceStatus[] = ['pending', 'starting', 'stopping', 'canceling', 'deleting'];

export type PolledWorkspace = Pick<Workspace, 'status' | 'build' | 'agent' | 'apps'>;

export const isBuildActive = (status: BuildStatus): boolean => status === 'pending' || status === 'running';

/** Whether the workspace will change within moments. */
const isChanging = (workspace: PolledWorkspace): boolean =>
  transitionalStatuses.includes(workspace.status) ||
  isBuildActive(workspace.build.status) ||
  (workspace.status === 'running' &&
    (workspace.agent?.status === 'connecting' || workspace.apps.some((app) => app.health === 'starting')));

export const workspaceInterval = (workspace: PolledWorkspace | undefined): number =>
  workspace !== undefined && isChanging(workspace) ? fastInterval : slowInterval;

export const listInterval = (pages: readonly { items: readonly PolledWorkspace[] }[]): number => {
  const many = Math.max(1, pages.length);
  if (!pages.some((page) => page.items.some(isChanging))) return slowInterval * many;
  return many > 1 ? fastIntervalPerPage * many : fastInterval;
};

/** A build ends before its apps are healthy, so its last steps may still run. After them a build does not change. */
export const buildInterval = (build: Pick<BuildWithSteps, 'status' | 'steps'> | undefined): number | false => {
  if (build === undefined) return slowInterval;
  const isRunning = isBuildActive(build.status) || build.steps.some(({ status }) => status === 'running');
  return isRunning ? fastInterval : false;
};

export const logInterval = (log: { done: boolean } | undefined): number | false =>
  log?.done === true ? false : fastInterval;
