import { BerthError } from '../errors.ts';
import type { AgentSession } from '../gateway.ts';
import { isActive, type WorkspaceRecord } from '../workspaces/record.ts';

/** An agent is one build's: each start of a workspace has an agent of its own. */
export type AgentRef = Pick<AgentSession, 'workspaceId' | 'buildId'>;

/** The number at the end of the build's id. */
export const buildNumberOf = ({ workspaceId, buildId }: AgentRef): number =>
  Number(buildId.slice(workspaceId.length + 1));

export const oldBuild = () =>
  new BerthError('wrong_state', 'This agent is of a build that is over. It ends itself; start the workspace again.');

/** An agent is of use while its build starts the workspace or is the one that it runs from. */
export const isCurrent = (workspace: WorkspaceRecord, buildNumber: number): boolean => {
  const { build } = workspace;
  if (build.number !== buildNumber || build.transition !== 'start') return false;
  return isActive(build.status) || workspace.status === 'running';
};
