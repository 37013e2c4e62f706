import type { Duplex } from 'node:stream';
import type { Destination } from '../core/gateway.ts';
import type { Agents } from './agents.ts';
import type { Peers } from './peers.ts';

/** A way to a workspace's agent, here or at another replica. One object for as long as it is the same way. */
export interface Link {
  /** A byte stream to what the authority names, fit to be a socket for `http`. `agent_unreachable` when nothing is there. */
  connect(authority: string): Promise<Duplex>;
}

/** An agent is one build's. */
export type AgentOf = Pick<Destination, 'workspaceId' | 'buildId'>;

export interface Links {
  /** `undefined` when the agent of the workspace's build is nowhere. */
  to(destination: AgentOf): Promise<Link | undefined>;
}

/** Agents that are connected here come first: nothing else need be asked. */
export const linksOf = (agents: Agents, peers: Peers | undefined): Links => ({
  to: async (destination) => agents.tunnelOf(destination) ?? peers?.to(destination),
});
