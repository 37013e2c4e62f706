import type { Actor } from '../../actor.ts';
import { instant } from '../../instant.ts';
import type { Rules } from '../../rules.ts';
import { loadStep, putStep, stepKey } from '../records/steps.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { requestStartup } from '../rules/unhealthy.ts';
import { type Alongside, changeWorkspace, findWorkspace, loadBuild } from '../store.ts';

/**
 * Requests another run of an unhealthy workspace's startup script. The request is stored with the build, where the
 * gateway replica with the workspace's agent reads it (`gateway/agents/startup-runs.ts`).
 */
export const runStartup = async (
  rules: Rules,
  actor: Actor,
  reference: string,
  alongside: Alongside,
): Promise<WorkspaceRecord> => {
  const first = await findWorkspace(rules, actor, reference, 'manage');
  const key = stepKey(first.id, first.build.number, 'startup');
  return changeWorkspace(
    rules,
    first.id,
    async (workspace) => {
      const [build, step] = await Promise.all([
        loadBuild(rules.table, workspace.id, workspace.build.number),
        loadStep(rules.table, key),
      ]);
      const requested = build && requestStartup(workspace, build, step);
      if (requested === undefined) return undefined;
      const auditEvent = { action: 'workspace.startup' as const, actor, details: { build: requested.number } };
      const { endedAt, message, ...before } = step ?? { name: 'startup', title: 'Startup script', hasLog: true };
      const running = { ...before, status: 'running' as const, startedAt: instant(rules.clock()) };
      return { workspace, builds: [requested], auditEvents: [auditEvent], also: [putStep(key, running)] };
    },
    { first, alongside },
  );
};

/** How often a build's startup script was requested to run again after its first run. */
export const startupRunsOf = async (
  { table }: Rules,
  { workspaceId, buildNumber }: { workspaceId: string; buildNumber: number },
): Promise<number> => (await loadBuild(table, workspaceId, buildNumber))?.startupRuns ?? 0;
