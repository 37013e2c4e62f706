import type { GitSetup, Manifest } from '../../../contracts/agent/tunnel.ts';
import { durationMs } from '../../../contracts/values/duration.ts';
import { readAgentToken } from '../../crypto/secrets.ts';
import { BerthError } from '../../errors.ts';
import type { AgentSession } from '../../gateway.ts';
import type { AgentKey } from '../../ports/agent-identities.ts';
import type { Rules } from '../../rules.ts';
import { resolveExpressions } from '../../templates/file/expressions.ts';
import type { VersionRecord } from '../../templates/template-record.ts';
import { findVersion } from '../../templates/template-store.ts';
import type { BuildRecord } from '../../workspaces/records/build-record.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';
import { loadBuild, loadWorkspace } from '../../workspaces/store.ts';
import { activityLagMs } from './agent-activity.ts';
import { isCurrent, oldBuild } from './agent-build.ts';
import { gitSetup, type Opener } from './agent-git.ts';
import { hostKeyOf } from './host-key.ts';

const load = async ({ table }: Rules, workspaceId: string, buildNumber: number) => {
  const workspace = await loadWorkspace(table, workspaceId);
  if (workspace === undefined || !isCurrent(workspace, buildNumber)) throw oldBuild();
  const build = await loadBuild(table, workspaceId, buildNumber);
  if (build === undefined || build.cancel) throw oldBuild();
  return { workspace, build };
};

/** Admits an agent by its token, and returns the manifest of what it should run. */
export const admitAgent = async (
  rules: Rules,
  { agentKey, sealer }: { agentKey: AgentKey; sealer: Opener },
  token: string,
): Promise<AgentSession> => {
  const key = await agentKey();
  const claimed = readAgentToken(key, token);
  if (claimed === undefined) {
    throw new BerthError('agent_refused', 'The agent token is not valid. Start the workspace again.');
  }
  const { workspace, build } = await load(rules, claimed.workspaceId, claimed.buildNumber);
  const [version, git] = await Promise.all([
    findVersion(rules.table, build.template.name, build.template.version),
    gitSetup(rules.table, sealer, workspace),
  ]);
  return {
    workspaceId: workspace.id,
    buildId: build.id,
    lastEvent: build.lastEvent,
    activityLagMs: activityLagMs(workspace),
    isUnhealthy: workspace.unhealthy !== undefined,
    manifest: {
      ...manifestOf(workspace, build, version, git),
      sshHostKey: hostKeyOf(key, workspace.id).privateKey,
    },
  };
};

/** Parameters reach scripts as environment variables and not as script text, so that a value is not executed. */
const parameterEnvironment = (build: BuildRecord): Record<string, string> =>
  Object.fromEntries(
    Object.entries(build.parameters).map(([name, value]) => [
      `BERTH_PARAM_${name.toUpperCase()}`,
      Array.isArray(value) ? value.join('\n') : String(value),
    ]),
  );

const manifestOf = (
  workspace: WorkspaceRecord,
  build: BuildRecord,
  { file }: VersionRecord,
  git: GitSetup,
): Manifest => {
  const context = {
    parameters: build.parameters,
    workspace: { id: workspace.id, name: workspace.name, owner: workspace.ownerName },
  };
  const agent = resolveExpressions(file.agent, context);
  return {
    workspace: { id: workspace.id, name: workspace.name, owner: workspace.ownerName },
    build: build.id,
    startup: agent.startup,
    startupTimeoutMs: durationMs(agent.startupTimeout),
    env: { ...agent.env, ...parameterEnvironment(build) },
    dotfiles: agent.dotfiles,
    git,
    apps: resolveExpressions(file.apps, context),
    ...(build.startupRuns === undefined ? {} : { startupRuns: build.startupRuns }),
  };
};
