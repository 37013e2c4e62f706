import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { tunnelProtocol, tunnelVersion, tunnelVersionIn } from '../contracts/wire.ts';
import { BerthError } from '../core/errors.ts';
import type { GatewayRules } from '../core/gateway.ts';
import { largestMessage } from '../tunnel/frames.ts';
import type { Agents } from './agents.ts';
import { bearerOf } from './bearer.ts';
import type { Log } from './log.ts';
import { refuseUpgrade } from './problems.ts';
import { Tunnel } from './tunnel.ts';

/** 401 and 410 tell an agent to end itself; for anything else it tries again. */
const refusalStatus = (thrown: unknown): 401 | 410 | 503 => {
  if (!(thrown instanceof BerthError)) return 503;
  return thrown.name === 'agent_refused' ? 401 : thrown.name === 'wrong_state' ? 410 : 503;
};

/**
 * An agent lives as long as its build, and so may be of another version than this gateway. One of an older version ends
 * itself, whereupon its workspace is repaired with the current agent. A newer one is for a newer gateway: while replicas
 * are being replaced it finds one at its next attempt.
 */
const requireOurVersion = ({ headers }: IncomingMessage): void => {
  const version = tunnelVersionIn(headers['sec-websocket-protocol'] ?? '');
  if (version < tunnelVersion) {
    throw new BerthError('wrong_state', 'The agent is of an older version of Berth. Start its workspace again.');
  }
  if (version > tunnelVersion) throw new Error('the agent is of a newer version than this gateway');
};

/** Takes agents in: token and version are checked before the upgrade is answered. */
export const createAdmission = (rules: GatewayRules, agents: Agents, heartbeatMs: number, log: Log) => {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: largestMessage,
    autoPong: false,
    handleProtocols: () => tunnelProtocol,
  });
  return async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    try {
      const session = await rules.admitAgent(bearerOf(request) ?? '');
      requireOurVersion(request);
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        agents.serve(session, new Tunnel(webSocket, heartbeatMs));
      });
    } catch (thrown) {
      const status = refusalStatus(thrown);
      if (status === 503) log('error', 'agent not admitted', { reason: String(thrown) });
      refuseUpgrade(socket, thrown, status);
    }
  };
};
