import type { BuildStatus, Workspace, WorkspaceStatus } from '../../../contracts/workspace.ts';

/** Milliseconds between two looks. A step is to be seen within a second of its start. */
export const quickly = 500;
export const slowly = 10_000;

/** How long what hardly ever changes is not asked for again. */
export const minutes = 60_000;

/** Between looks at a list of several pages, for each of them, as each is asked for every time. */
export const quicklyForEach = 1_000;

const movingStatuses: readonly WorkspaceStatus[] = ['pending', 'starting', 'stopping', 'canceling', 'deleting'];

export type Movable = Pick<Workspace, 'status' | 'build' | 'agent' | 'apps'>;

export const isBuildMoving = (status: BuildStatus): boolean => status === 'pending' || status === 'running';

/** Whether something of the workspace will change by itself within moments. */
const isMoving = (workspace: Movable): boolean =>
  movingStatuses.includes(workspace.status) ||
  isBuildMoving(workspace.build.status) ||
  (workspace.status === 'running' &&
    (workspace.agent?.status === 'connecting' || workspace.apps.some((app) => app.health === 'starting')));

export const workspaceInterval = (workspace: Movable | undefined): number =>
  workspace !== undefined && isMoving(workspace) ? quickly : slowly;

export const listInterval = (pages: readonly { items: readonly Movable[] }[]): number => {
  const many = Math.max(1, pages.length);
  if (!pages.some((page) => page.items.some(isMoving))) return slowly * many;
  return many > 1 ? quicklyForEach * many : quickly;
};

/** A build that ended never changes again. */
export const buildInterval = (build: { status: BuildStatus } | undefined): number | false => {
  if (build === undefined) return slowly;
  return isBuildMoving(build.status) ? quickly : false;
};

export const logInterval = (log: { done: boolean } | undefined): number | false =>
  log?.done === true ? false : quickly;
