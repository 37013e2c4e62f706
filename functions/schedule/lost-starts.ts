import { recordLostAgent } from '../../core/connections/agents/agent-relaunch.ts';
import { isConnected } from '../../core/connections/agents/lost-agents.ts';
import { msOf } from '../../core/instant.ts';
import { findVersion } from '../../core/templates/template-store.ts';
import type { BuildRecord } from '../../core/workspaces/records/build-record.ts';
import { loadStep, stepKey } from '../../core/workspaces/records/steps.ts';
import type { WorkspaceRecord } from '../../core/workspaces/records/workspace-record.ts';
import type { SweepRuntime } from '../runtime.ts';

/** A working agent connects within seconds, so most starts never need to observe their compute. */
const missingAfterMs = 60_000;

/**
 * Notices an agent that ended before it ever connected, for example because a newer gateway refused it. The start then
 * launches the compute again instead of waiting until its timeout.
 */
export const noticeLostAgent = async (
  { rules, compute }: Pick<SweepRuntime, 'rules' | 'compute'>,
  workspace: WorkspaceRecord,
  build: BuildRecord,
): Promise<void> => {
  if (build.taskToken === undefined || build.outcome !== undefined || isConnected(workspace)) return;
  const step = await loadStep(rules.table, stepKey(workspace.id, build.number, 'agent'));
  if (step === undefined || rules.clock().getTime() - msOf(step.startedAt) < missingAfterMs) return;
  const { file } = await findVersion(rules.table, build.template.name, build.template.version);
  const { state } = await compute.get(file.compute.kind).observe({ id: workspace.id });
  if (state === 'failed' || state === 'absent' || state === 'stopped') await recordLostAgent(rules, build);
};
