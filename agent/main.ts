import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { collectPiecesCheaply } from '../tunnel/garbage.ts';
import { ActivityMeter } from './activity.ts';
import { dial, type Refusal } from './dial.ts';
import { EventLog } from './events.ts';
import { messageOf } from './message.ts';
import { Processes } from './processes.ts';
import { Run } from './run.ts';
import { createSessionServer } from './sessions.ts';
import { readSettings, type Settings } from './settings.ts';
import { SignOn } from './sign-on.ts';
import { serveTunnel } from './tunnel-server.ts';

/** How the agent ends: asked to; refused for good (its token, its build); wrong settings; a fault of its own. */
const exitCodes = { asked: 0, refused: { 401: 41, 410: 42 }, settings: 64, fault: 70 } as const;

// Whoever read the log may be gone (a killed server): the workspace goes on all the same.
process.stderr.on('error', () => undefined);
const log = (message: string): void => console.error(`berth-agent: ${message}`);

const settingsOrExit = (): Settings => {
  try {
    const read = readSettings(process.env);
    // What is started, is started there; an image need not have it, and a volume need not be mounted.
    mkdirSync(read.home, { recursive: true });
    return read;
  } catch (thrown) {
    log(messageOf(thrown));
    process.exit(exitCodes.settings);
  }
};

collectPiecesCheaply();
const settings = settingsOrExit();
// Nothing that is started, and nobody who looks at the agent later, is to find it.
delete process.env['BERTH_AGENT_TOKEN'];
const processes = new Processes();
const events = new EventLog();
const activity = new ActivityMeter();
const run = new Run(settings, processes, events);
const sessions = createSessionServer({ home: settings.home, run, processes, activity });

let ending = false;
const end = async (code: number): Promise<void> => {
  if (ending) return;
  ending = true;
  await processes.endAll();
  await run.close();
  rmSync(join(settings.runDir, 'startup.sh'), { force: true });
  process.exit(code);
};

const attempts = { failed: 0 };
const connected = (socket: Parameters<typeof serveTunnel>[0]) => {
  log('connected');
  const greeted = () => {
    attempts.failed = 0;
  };
  const tunnel = serveTunnel(socket, { run, events, activity, sessions, greeted });
  return () => tunnel.close();
};

const refusals: Record<Refusal, string> = {
  401: 'the gateway does not know this agent; ending',
  410: 'the build of this agent is over; ending',
};

// Node's own answer to it is a debugger's port, which shows all that this process holds in memory.
process.on('SIGUSR1', () => undefined);
process.on('SIGTERM', () => void end(exitCodes.asked));
process.on('SIGINT', () => void end(exitCodes.asked));
process.on('SIGHUP', () => void end(exitCodes.asked));
process.on('uncaughtException', (error) => {
  log(`fault: ${error.stack ?? error.message}`);
  void end(exitCodes.fault);
});

void dial({ gatewayUrl: settings.gatewayUrl, signOn: new SignOn(settings), connected, log, attempts }).then(
  (refusal) => {
    log(refusals[refusal]);
    return end(exitCodes.refused[refusal]);
  },
);
