import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tuneGarbageCollection } from '../tunnel/gc-tuning.ts';
import { ActivityMeter } from './common/activity.ts';
import { EventLog } from './common/events.ts';
import { log } from './common/log.ts';
import { messageOf } from './common/message.ts';
import { readSettings, type Settings } from './common/settings.ts';
import { AgentAuthentication } from './connection/authentication.ts';
import { dial, type Refusal } from './connection/dial.ts';
import { createSessionServer } from './connection/session-server.ts';
import { serveTunnel } from './connection/tunnel-server.ts';
import { Processes } from './processes/processes.ts';
import { WorkspaceRuntime } from './startup/workspace-runtime.ts';

/** Exit codes: stopped by a signal; refused for good (its token, its build); invalid settings; an internal error. */
const exitCodes = { stopped: 0, refused: { 401: 41, 410: 42 }, settings: 64, fault: 70 } as const;

// The reader of the log may have been killed. The workspace must keep running.
process.stderr.on('error', () => undefined);

const settingsOrExit = (): Settings => {
  try {
    const read = readSettings(process.env);
    // Programs are started there, and neither the image nor a volume need provide it.
    mkdirSync(read.home, { recursive: true });
    return read;
  } catch (thrown) {
    log(messageOf(thrown));
    process.exit(exitCodes.settings);
  }
};

tuneGarbageCollection();
const settings = settingsOrExit();
// Child processes inherit the environment and must not get the token.
delete process.env['BERTH_AGENT_TOKEN'];
const processes = new Processes();
const events = new EventLog();
const activity = new ActivityMeter();
const runtime = new WorkspaceRuntime(settings, processes, events);
const sessions = createSessionServer({ home: settings.home, runtime, processes, activity });

let ending = false;
const end = async (code: number): Promise<void> => {
  if (ending) return;
  ending = true;
  try {
    await processes.endAll();
    await runtime.close();
    for (const name of ['startup.sh', 'login']) rmSync(join(settings.runDir, name), { recursive: true, force: true });
  } catch (thrown) {
    // For example on a read-only disk, which must not keep the agent from ending.
    log(`files of the agent could not be removed: ${messageOf(thrown)}`);
  }
  process.exit(code);
};

const attempts = { failed: 0 };
const connected = (socket: Parameters<typeof serveTunnel>[0]) => {
  log('connected');
  const manifestReceived = () => {
    attempts.failed = 0;
  };
  const tunnel = serveTunnel(socket, { runtime, events, activity, sessions, manifestReceived });
  return () => tunnel.close();
};

const refusals: Record<Refusal, string> = {
  401: 'the gateway rejected the token of this agent; exiting',
  410: 'the build of this agent is over; exiting',
};

// By default Node opens a debugger port on SIGUSR1, which exposes this process's memory.
process.on('SIGUSR1', () => undefined);
process.on('SIGTERM', () => void end(exitCodes.stopped));
process.on('SIGINT', () => void end(exitCodes.stopped));
process.on('SIGHUP', () => void end(exitCodes.stopped));
process.on('uncaughtException', (error) => {
  log(`fault: ${error.stack ?? error.message}`);
  void end(exitCodes.fault);
});

void dial({
  gatewayUrl: settings.gatewayUrl,
  authentication: new AgentAuthentication(settings),
  onConnected: connected,
  log,
  attempts,
}).then((refusal) => {
  log(refusals[refusal]);
  return end(exitCodes.refused[refusal]);
});
