import { BerthError } from '../errors.ts';
import type { AgentSession } from '../gateway.ts';

/** An agent is one build's: each start of a workspace has an agent of its own. */
export type AgentRef = Pick<AgentSession, 'workspaceId' | 'buildId'>;

/** The number at the end of the build's id. */
export const buildNumberOf = ({ workspaceId, buildId }: AgentRef): number =>
  Number(buildId.slice(workspaceId.length + 1));

export const oldBuild = () =>
  new BerthError('wrong_state', 'This agent is of a build that is over. It ends itself; start the workspace again.');
