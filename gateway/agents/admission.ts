import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Log } from '../../base/log.ts';
import type { Manifest } from '../../contracts/agent/tunnel.ts';
import { tunnelProtocol, tunnelVersion, tunnelVersionIn } from '../../contracts/agent/wire.ts';
import { BerthError } from '../../core/errors.ts';
import type { GatewayRules } from '../../core/gateway.ts';
import { maxReceivedMessageBytes } from '../../tunnel/frames.ts';
import { bearerToken } from '../http/bearer.ts';
import { type AppDomain, originOf } from '../http/host.ts';
import { refuseUpgrade } from '../http/problems.ts';
import type { Agents } from './agents.ts';
import { AgentTunnel } from './tunnel.ts';

/** 401 and 410 make an agent exit; after any other status it tries again. */
const refusalStatus = (thrown: unknown): 401 | 410 | 503 => {
  if (!(thrown instanceof BerthError)) return 503;
  return thrown.name === 'agent_refused' ? 401 : thrown.name === 'wrong_state' ? 410 : 503;
};

/**
 * An agent lives as long as its build, so its version may differ from the gateway's. An older agent exits, and the
 * reconciler repairs its workspace with the current one. A newer agent tries again: while replicas are being replaced,
 * another attempt reaches a newer gateway.
 */
const requireSameVersion = ({ headers }: IncomingMessage): void => {
  const version = tunnelVersionIn(headers['sec-websocket-protocol'] ?? '');
  if (version < tunnelVersion) {
    throw new BerthError('wrong_state', 'The agent belongs to an older version of Berth. Restart its workspace.');
  }
  if (version > tunnelVersion) throw new Error('the agent belongs to a newer version than this gateway');
};

/** Adds the URLs of a workspace's apps and ports, which only the gateway knows. */
const withAddresses = (manifest: Manifest, domain: AppDomain): Manifest => {
  const { name: workspace, owner } = manifest.workspace;
  const urlOf = (app: string) => `${originOf({ app, workspace, owner }, domain)}/`;
  return {
    ...manifest,
    addresses: {
      domain: domain.appDomain,
      apps: Object.fromEntries(manifest.apps.map(({ name }) => [name, urlOf(name)])),
      port: urlOf('{port}'),
    },
  };
};

/** Returns the handler of agents' upgrades, which checks an agent's token and version before it accepts. */
export const createAdmission = (
  rules: GatewayRules,
  agents: Agents,
  domain: AppDomain,
  heartbeatMs: number,
  log: Log,
) => {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxReceivedMessageBytes,
    autoPong: false,
    handleProtocols: () => tunnelProtocol,
  });
  return async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    try {
      const session = await rules.admitAgent(bearerToken(request) ?? '');
      requireSameVersion(request);
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const manifest = withAddresses(session.manifest, domain);
        agents.serve({ ...session, manifest }, new AgentTunnel(webSocket, heartbeatMs));
      });
    } catch (thrown) {
      const status = refusalStatus(thrown);
      if (status === 503) log('error', 'agent not admitted', { error: thrown });
      refuseUpgrade(socket, thrown, status);
    }
  };
};
