import type { Duplex } from 'node:stream';
import { BerthError } from '../../core/errors.ts';
import type { Destination } from '../../core/gateway.ts';

/** The agent itself could not be reached or did not respond, so it cannot report the reason. */
export class AgentUnresponsive extends BerthError {
  constructor(message: string) {
    super('agent_unreachable', message);
  }
}

/**
 * A connection to a workspace's agent, here or through another replica. The object is the same while the connection is.
 */
export interface AgentLink {
  /**
   * Opens a byte stream to what the authority names; `node:http` can use it as a socket. Throws `agent_unreachable` if
   * the agent reports that nothing listens there, and `AgentUnresponsive` if the agent does not respond.
   */
  connect(authority: string): Promise<Duplex>;
}

/** Identifies an agent: each build has its own. */
export type AgentId = Pick<Destination, 'workspaceId' | 'buildId'>;
