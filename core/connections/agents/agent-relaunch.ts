import { BerthError } from '../../errors.ts';
import type { Rules } from '../../rules.ts';
import type { BuildRecord } from '../../workspaces/records/build-record.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';
import { changeWorkspace, loadBuild } from '../../workspaces/store.ts';
import { isCurrent } from './agent-build.ts';
import { lossOf } from './agent-connection.ts';
import { isConnected } from './lost-agents.ts';

/** Agents of one build that end before the workspace is ready: then the start fails, for a person to look at. */
const mostLosses = 3;

/** Why the last agent of the build is gone; `undefined` while its compute runs. */
type ObserveLoss = () => Promise<string | undefined>;

/**
 * The build once its start looks at the compute again after an agent was lost. Where the compute is gone, the next agent is
 * one of its own: it gets another one-time token, as the first agent used the other up, and its events are numbered anew.
 * Returns whether an agent was lost, so that the build may be another now.
 */
export const afterLoss = async (
  rules: Pick<Rules, 'table' | 'clock'>,
  { workspace, build }: { workspace: WorkspaceRecord; build: BuildRecord },
  observeLoss: ObserveLoss,
): Promise<boolean> => {
  if (!wasLost(workspace, build)) return false;
  const why = isConnected(workspace) ? undefined : await observeLoss();
  if (why !== undefined && (build.agentLosses ?? 0) > mostLosses) throw tooManyLosses(why);
  await changeWorkspace(rules, workspace.id, async (now) => {
    const current = await loadBuild(rules.table, workspace.id, build.number);
    if (current === undefined || now.build.id !== build.id || !wasLost(now, current)) return undefined;
    if (why !== undefined) return { builds: [relaunched(current)] };
    return current.agentLost === true ? { builds: [{ ...current, agentLost: undefined }] } : undefined;
  });
  return true;
};

/** Its connection ended, or it signed on and never came, as when all of Berth and its machine were restarted. */
const wasLost = (workspace: WorkspaceRecord, { agentLost, signedOn }: BuildRecord): boolean =>
  agentLost === true || (signedOn !== undefined && !isConnected(workspace));

const relaunched = (build: BuildRecord): BuildRecord => ({
  ...build,
  agentLost: undefined,
  signedOn: undefined,
  launch: (build.launch ?? 0) + 1,
  lastEvent: 0,
});

const tooManyLosses = (why: string): BerthError =>
  new BerthError(
    'compute_failed',
    `The agent ended ${mostLosses + 1} times before the workspace was ready (${why}). See in the log of the startup script what ends it.`,
  );

/** An agent is lost that was never connected, by the task token of the start that waits for it. */
export const loseAgent = (rules: Rules, { workspaceId, number, taskToken }: BuildRecord): Promise<WorkspaceRecord> =>
  changeWorkspace(rules, workspaceId, async (workspace) => {
    const build = await loadBuild(rules.table, workspaceId, number);
    const isWaiting = isCurrent(workspace, number) && build !== undefined && build.taskToken === taskToken;
    if (!isWaiting || build.agentLost === true || isConnected(workspace)) return undefined;
    const builds = lossOf(build);
    return builds.length === 0 ? undefined : { builds };
  });
