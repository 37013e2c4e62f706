import { BerthError } from '../../errors.ts';
import type { AgentSession } from '../../gateway.ts';
import { isActive } from '../../workspaces/records/build-record.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';

/** Each start of a workspace has an agent of its own, so an agent belongs to one build. */
export type AgentRef = Pick<AgentSession, 'workspaceId' | 'buildId'>;

/** The number at the end of the build's id. */
export const buildNumberOf = ({ workspaceId, buildId }: AgentRef): number =>
  Number(buildId.slice(workspaceId.length + 1));

export const oldBuild = () =>
  new BerthError('wrong_state', 'The build of this agent has ended. Start the workspace again.');

/** Whether the build starts the workspace or the running workspace came from it. */
export const isCurrent = (workspace: WorkspaceRecord, buildNumber: number): boolean => {
  const { build } = workspace;
  if (build.number !== buildNumber || build.transition !== 'start') return false;
  return isActive(build.status) || workspace.status === 'running';
};
