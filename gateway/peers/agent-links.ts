import type { AgentId, AgentLink } from '../agents/agent-link.ts';
import type { Agents } from '../agents/agents.ts';
import type { Peers } from './peers.ts';

export interface AgentLinks {
  /** The link to a build's agent; `undefined` if the agent is not connected to any replica. */
  find(id: AgentId): Promise<AgentLink | undefined>;
}

/** Looks first among the agents that are connected to this replica, which needs no read of the table. */
export const createAgentLinks = (agents: Agents, peers: Peers | undefined): AgentLinks => ({
  find: async (id) => agents.tunnelOf(id) ?? peers?.find(id),
});
