import type { Duplex } from 'node:stream';
import type { Agents } from './agents.ts';
import type { Peers } from './peers.ts';

/** A way to a workspace's agent, here or at another replica. One object for as long as it is the same way. */
export interface Link {
  /** A byte stream to what the authority names, fit to be a socket for `http`. `agent_unreachable` when nothing is there. */
  connect(authority: string): Promise<Duplex>;
}

export interface Links {
  /** `undefined` when the workspace's agent is nowhere. */
  to(workspaceId: string): Promise<Link | undefined>;
}

/** Agents that are connected here come first: nothing else need be asked. */
export const linksOf = (agents: Agents, peers: Peers | undefined): Links => ({
  to: async (workspaceId) => agents.tunnel(workspaceId) ?? peers?.to(workspaceId),
});
