import type { SessionRequest } from '../contracts/session.ts';
import type { ActivityMeter } from './activity.ts';
import type { Environment } from './environment.ts';
import type { Processes } from './processes.ts';
import { loadPty } from './pty.ts';
import type { SessionEvents, SessionSocket } from './session-socket.ts';
import { programOf } from './shell.ts';
import { Terminal } from './terminal.ts';

type Start = Extract<SessionRequest, { type: 'start' }>;

const mostTerminals = 50;
const terminalType = 'xterm-256color';

interface Surroundings {
  env: Environment;
  home: string;
}

/** The open terminals. One with a name outlives its connections and is found again by it; it ends with its shell. */
export class Terminals {
  readonly #named = new Map<string, Terminal>();
  readonly #processes: Processes;
  readonly #activity: ActivityMeter;
  #open = 0;

  constructor(processes: Processes, activity: ActivityMeter) {
    this.#processes = processes;
    this.#activity = activity;
  }

  /** Joins the named terminal, or makes one. Throws a sentence for the person when there can be none. */
  join(start: Start, socket: SessionSocket, around: Surroundings): SessionEvents {
    const known = start.terminal === undefined ? undefined : this.#named.get(start.terminal);
    const terminal = known ?? this.#make(start, around);
    const closeConnection = this.#activity.open();
    terminal.attach(socket);
    if (start.columns !== undefined && start.rows !== undefined) terminal.resize(start.columns, start.rows);
    return {
      stdin: (bytes) => {
        this.#activity.input();
        terminal.write(bytes);
      },
      request: (request) => {
        if (request.type === 'resize') terminal.resize(request.columns, request.rows);
        if (request.type === 'signal') this.#processes.signalGroup(terminal.pid, request.signal);
        if (request.type === 'eof') terminal.write(Buffer.of(4));
      },
      closed: () => {
        closeConnection();
        terminal.detach(socket);
        if (start.terminal === undefined) void this.#processes.endOne(terminal.pid);
      },
    };
  }

  #make({ command, columns = 80, rows = 24, terminal: name }: Start, { env, home }: Surroundings): Terminal {
    if (this.#open >= mostTerminals) {
      throw new Error(`${mostTerminals} terminals are open, which is the limit. Close one that you no longer need.`);
    }
    const [file, ...args] = programOf(command, env);
    const pty = loadPty().spawn(file, args, {
      name: terminalType,
      cols: columns,
      rows,
      cwd: home,
      env: { ...env, TERM: terminalType, COLORTERM: 'truecolor' },
      encoding: null,
    });
    this.#processes.adopt(pty.pid);
    this.#open += 1;
    const terminal = new Terminal(pty, () => {
      this.#open -= 1;
      this.#processes.exited(pty.pid);
      if (name !== undefined) this.#named.delete(name);
    });
    if (name !== undefined) this.#named.set(name, terminal);
    return terminal;
  }
}
