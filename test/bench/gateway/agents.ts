import { join } from 'node:path';
import { ActivityMeter } from '../../../agent/common/activity.ts';
import { EventLog } from '../../../agent/common/events.ts';
import { AgentAuthentication } from '../../../agent/connection/authentication.ts';
import { dial } from '../../../agent/connection/dial.ts';
import { createSessionServer } from '../../../agent/connection/session-server.ts';
import { serveTunnel } from '../../../agent/connection/tunnel-server.ts';
import { childEnvironment } from '../../../agent/processes/environment.ts';
import { Processes } from '../../../agent/processes/processes.ts';
import { WorkspaceRuntime } from '../../../agent/startup/workspace-runtime.ts';
import { readDataPlane } from './fixture.ts';

/**
 * The agents of many workspaces in one process, each with its own connection: `node agents.ts FOLDER URL
 * FROM TO`. They differ from the real agent only in that they share a process. The parent receives the number
 * of accepted agents at each change.
 */
const [folder = '', url = '', from, to] = process.argv.slice(2);
const { workspaces } = readDataPlane(folder);
const gatewayUrl = new URL(url);
let connected = 0;
const change = (by: number): void => {
  connected += by;
  process.send?.(connected);
};

/** Uses a known token, like a fleet that authenticated before and reconnects. */
class KnownToken extends AgentAuthentication {
  readonly #known: string;
  constructor(workspaceId: string, token: string) {
    super({ gatewayUrl, workspaceId, credential: { kind: 'one-time', token: '' } });
    this.#known = token;
  }
  override async token() {
    return { token: this.#known };
  }
}

const runDir = join(folder, 'agents');
const processes = new Processes();

for (const { id, agentToken, oneTime } of workspaces.slice(Number(from), Number(to))) {
  const settings = {
    gatewayUrl,
    workspaceId: id,
    home: folder,
    runDir,
    credential: { kind: 'one-time' as const, token: oneTime },
  };
  const events = new EventLog();
  const activity = new ActivityMeter();
  const runtime = new WorkspaceRuntime(settings, processes, events);
  runtime.environment = childEnvironment(process.env, folder);
  const sessions = createSessionServer({ home: folder, runtime, processes, activity });
  const attempts = { failed: 0 };
  const serveConnection = (socket: Parameters<typeof serveTunnel>[0]) => {
    let isCounted = false;
    const manifestReceived = () => {
      attempts.failed = 0;
      isCounted = true;
      change(1);
    };
    const tunnel = serveTunnel(socket, { runtime, events, activity, sessions, manifestReceived });
    return () => {
      if (isCounted) change(-1);
      tunnel.close();
    };
  };
  void dial({
    gatewayUrl,
    authentication: new KnownToken(id, agentToken),
    onConnected: serveConnection,
    log: () => {},
    attempts,
  }).then((refusal) => {
    process.stderr.write(`an agent was refused: ${refusal}\n`);
  });
}

process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
