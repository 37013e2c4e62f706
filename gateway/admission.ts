import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { BerthError } from '../core/errors.ts';
import type { GatewayRules } from '../core/gateway.ts';
import type { Agents } from './agents.ts';
import type { Log } from './log.ts';
import { refuseUpgrade } from './problems.ts';
import { Tunnel } from './tunnel.ts';

const largestMessage = 16 * 1024 * 1024;

/** 401 and 410 tell an agent to end itself; for anything else it tries again. */
const refusalStatus = (thrown: unknown): 401 | 410 | 503 => {
  if (!(thrown instanceof BerthError)) return 503;
  return thrown.name === 'agent_refused' ? 401 : thrown.name === 'wrong_state' ? 410 : 503;
};

export const bearerOf = ({ headers }: IncomingMessage): string | undefined =>
  /^Bearer ([^\s]{1,4096})$/i.exec(headers.authorization ?? '')?.[1];

/** Takes agents in: the token is checked before the upgrade is answered. */
export const createAdmission = (rules: GatewayRules, agents: Agents, heartbeatMs: number, log: Log) => {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: largestMessage });
  return async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    try {
      const session = await rules.admitAgent(bearerOf(request) ?? '');
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
