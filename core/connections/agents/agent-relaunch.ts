import { BerthError } from '../../errors.ts';
import type { Rules } from '../../rules.ts';
import type { BuildRecord } from '../../workspaces/records/build-record.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';
import { changeWorkspace, loadBuild } from '../../workspaces/store.ts';
import { isCurrent } from './agent-build.ts';
import { lossOf } from './agent-connection.ts';
import { isConnected } from './lost-agents.ts';

/** So many agents of one build may end before the workspace is ready; then the start fails. */
const maxLosses = 3;

/** Returns why the compute of the last agent is gone; `undefined` while it runs. */
type ObserveLoss = () => Promise<string | undefined>;

/**
 * Handles a lost agent when the start checks the compute again. If the compute is gone, the next agent gets another
 * one-time token, because the lost agent used the previous one, and the numbers of its events begin again. Returns
 * whether an agent was lost; the caller must then load the build again.
 */
export const relaunchAfterLoss = async (
  rules: Pick<Rules, 'table' | 'clock'>,
  { workspace, build }: { workspace: WorkspaceRecord; build: BuildRecord },
  observeLoss: ObserveLoss,
): Promise<boolean> => {
  if (!wasLost(workspace, build)) return false;
  const reason = isConnected(workspace) ? undefined : await observeLoss();
  if (reason !== undefined && (build.agentLosses ?? 0) > maxLosses) throw tooManyLosses(reason);
  await changeWorkspace(rules, workspace.id, async (latest) => {
    const current = await loadBuild(rules.table, workspace.id, build.number);
    if (current === undefined || latest.build.id !== build.id || !wasLost(latest, current)) return undefined;
    if (reason !== undefined) return { builds: [relaunched(current)] };
    return current.agentLost === true ? { builds: [{ ...current, agentLost: undefined }] } : undefined;
  });
  return true;
};

/** The connection ended, or the agent authenticated and never connected, for example because its machine restarted. */
const wasLost = (workspace: WorkspaceRecord, { agentLost, signedOn }: BuildRecord): boolean =>
  agentLost === true || (signedOn !== undefined && !isConnected(workspace));

const relaunched = (build: BuildRecord): BuildRecord => ({
  ...build,
  agentLost: undefined,
  signedOn: undefined,
  launch: (build.launch ?? 0) + 1,
  lastEvent: 0,
});

const tooManyLosses = (reason: string): BerthError =>
  new BerthError(
    'compute_failed',
    `The agent ended ${maxLosses + 1} times before the workspace was ready (${reason}).`,
    { remedy: 'Check the log of the startup script for the cause.' },
  );

/** Records the loss of an agent that never connected, while the start with this task token waits for it. */
export const recordLostAgent = (
  rules: Rules,
  { workspaceId, number, taskToken }: BuildRecord,
): Promise<WorkspaceRecord> =>
  changeWorkspace(rules, workspaceId, async (workspace) => {
    const build = await loadBuild(rules.table, workspaceId, number);
    const isWaiting = isCurrent(workspace, number) && build !== undefined && build.taskToken === taskToken;
    if (!isWaiting || build.agentLost === true || isConnected(workspace)) return undefined;
    const builds = lossOf(build);
    return builds.length === 0 ? undefined : { builds };
  });
