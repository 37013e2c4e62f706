import { durationMs } from '../../../contracts/values/duration.ts';
import { instant, msOf } from '../../instant.ts';
import type { Rules } from '../../rules.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';
import { stopFields } from '../../workspaces/rules/stop-time.ts';
import { changeWorkspace } from '../../workspaces/store.ts';
import { type AgentRef, buildNumberOf, isCurrent } from './agent-build.ts';

/** Five minutes, or 1/24 of an idle timeout shorter than two hours. */
export const activityLagMs = ({ stopPolicy }: WorkspaceRecord): number =>
  Math.min(5 * 60_000, durationMs(stopPolicy.idleTimeout) / 24);

/** Moves the last activity forward, and the stop time with it. */
export const recordActivity = async (rules: Rules, agent: AgentRef, at: Date): Promise<void> => {
  // An agent's clock may be ahead; activity is never later than now.
  const activityAt = instant(at < rules.clock() ? at : rules.clock());
  await changeWorkspace(rules, agent.workspaceId, (workspace) => {
    if (workspace.status !== 'running' || !isCurrent(workspace, buildNumberOf(agent))) return undefined;
    if (workspace.lastActivityAt !== undefined && msOf(workspace.lastActivityAt) >= msOf(activityAt)) return undefined;
    const active = { ...workspace, lastActivityAt: activityAt };
    return { workspace: { ...active, ...stopFields(active) } };
  });
};
