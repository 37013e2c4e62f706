import type { BuildReason, BuildStatus, Transition } from '../../../contracts/workspaces/builds.ts';
import type { AppHealth, Workspace, WorkspaceStatus } from '../../../contracts/workspaces/workspace.ts';

export type Tone = 'good' | 'busy' | 'bad' | 'calm';

interface StatusLabel {
  word: string;
  tone: Tone;
}

export const workspaceStatusLabels: Record<WorkspaceStatus, StatusLabel> = {
  pending: { word: 'Pending', tone: 'busy' },
  starting: { word: 'Starting', tone: 'busy' },
  running: { word: 'Running', tone: 'good' },
  stopping: { word: 'Stopping', tone: 'busy' },
  stopped: { word: 'Stopped', tone: 'calm' },
  failed: { word: 'Failed', tone: 'bad' },
  canceling: { word: 'Canceling', tone: 'busy' },
  deleting: { word: 'Deleting', tone: 'busy' },
  deleted: { word: 'Deleted', tone: 'calm' },
};

/** A running workspace whose startup script failed is shown as unhealthy. */
export const statusLabelOf = ({ status, unhealthy }: Pick<Workspace, 'status' | 'unhealthy'>): StatusLabel =>
  unhealthy === undefined ? workspaceStatusLabels[status] : { word: 'Unhealthy', tone: 'bad' };

/** The message in the banner of the workspace page, which the build steps below do not repeat. */
export const bannerMessage = ({ failure, unhealthy }: Pick<Workspace, 'failure' | 'unhealthy'>): string | undefined =>
  (failure ?? unhealthy)?.message;

export const buildStatusLabels: Record<BuildStatus, StatusLabel> = {
  pending: { word: 'Waiting', tone: 'busy' },
  running: { word: 'Running', tone: 'busy' },
  succeeded: { word: 'Succeeded', tone: 'good' },
  failed: { word: 'Failed', tone: 'bad' },
  canceled: { word: 'Canceled', tone: 'calm' },
};

export const transitionLabels: Record<Transition, string> = { start: 'Start', stop: 'Stop', delete: 'Delete' };

/** The reasons of builds that no person requested. */
const reasonLabels: Record<Exclude<BuildReason, 'person'>, string> = {
  autostart: 'autostart',
  autostop: 'autostop',
  dormancy: 'dormancy',
  update: 'template update',
  repair: 'repair',
};

/** Who or what requested a build. */
export const requesterOf = (build: { reason: BuildReason; requestedBy?: string | undefined }): string =>
  build.reason === 'person' ? (build.requestedBy ?? 'someone') : reasonLabels[build.reason];

type Actionable = Pick<Workspace, 'status' | 'build'>;

/** The actions that the status allows. */
export const possibleActions = ({ status, build }: Actionable) => ({
  start: status === 'stopped' || status === 'failed',
  stop: status === 'running',
  /** Stopping a start that is in progress cancels it. */
  cancel: (status === 'pending' || status === 'starting') && build.transition === 'start',
  delete: status !== 'deleting' && status !== 'deleted',
});

const healthReasons: Record<Exclude<AppHealth, 'healthy'>, string> = {
  starting: 'starting…',
  unhealthy: 'not responding',
};

/** Why an app cannot be opened; `undefined` if it can. */
export const unavailableReason = (status: WorkspaceStatus, health: AppHealth): string | undefined => {
  if (status === 'running') return health === 'healthy' ? undefined : healthReasons[health];
  return status === 'starting' || status === 'pending' ? healthReasons.starting : 'not running';
};
