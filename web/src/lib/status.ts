import type {
  AppHealth,
  BuildReason,
  BuildStatus,
  Transition,
  Workspace,
  WorkspaceStatus,
} from '../../../contracts/workspace.ts';

export type Tone = 'good' | 'busy' | 'bad' | 'calm';

interface Shown {
  word: string;
  tone: Tone;
}

export const workspaceStatus: Record<WorkspaceStatus, Shown> = {
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

export const buildStatus: Record<BuildStatus, Shown> = {
  pending: { word: 'Waiting', tone: 'busy' },
  running: { word: 'Running', tone: 'busy' },
  succeeded: { word: 'Succeeded', tone: 'good' },
  failed: { word: 'Failed', tone: 'bad' },
  canceled: { word: 'Canceled', tone: 'calm' },
};

export const transitionWord: Record<Transition, string> = { start: 'Start', stop: 'Stop', delete: 'Delete' };

/** Why a build was made, where no person asked for it. */
const reasonWord: Record<Exclude<BuildReason, 'person'>, string> = {
  autostart: 'autostart',
  autostop: 'autostop',
  dormancy: 'dormant',
  update: 'template update',
  repair: 'repair',
};

/** Who or what asked for a build. */
export const askedBy = (build: { reason: BuildReason; requestedBy?: string | undefined }): string =>
  build.reason === 'person' ? (build.requestedBy ?? 'a person') : reasonWord[build.reason];

type Actionable = Pick<Workspace, 'status' | 'build'>;

/** What a person can ask of a workspace as it is. */
export const possible = ({ status, build }: Actionable) => ({
  start: status === 'stopped' || status === 'failed',
  stop: status === 'running',
  /** A start that is under way; stopping it cancels it. */
  cancel: (status === 'pending' || status === 'starting') && build.transition === 'start',
  delete: status !== 'deleting' && status !== 'deleted',
});

const healthReason: Record<Exclude<AppHealth, 'healthy'>, string> = {
  starting: 'starting…',
  unhealthy: 'does not answer',
};

/** Why an app's button leads nowhere now; `undefined` when it does. */
export const appObstacle = (status: WorkspaceStatus, health: AppHealth): string | undefined => {
  if (status === 'running') return health === 'healthy' ? undefined : healthReason[health];
  return status === 'starting' || status === 'pending' ? healthReason.starting : 'not running';
};
