import type { SessionRequest } from '../../contracts/sessions/session.ts';
import type { ActivityMeter } from '../common/activity.ts';
import type { Processes } from '../processes/processes.ts';
import { loadPty } from '../processes/pty.ts';
import { sessionProgram } from '../processes/shell.ts';
import type { SessionContext } from '../sessions/session-context.ts';
import type { SessionEvents, SessionSocket } from '../sessions/session-socket.ts';
import { Terminal } from './terminal.ts';
import type { Size } from './viewers.ts';

type Start = Extract<SessionRequest, { type: 'start' }>;

const maxTerminals = 50;
const terminalType = 'xterm-256color';
const defaultSize: Size = { columns: 80, rows: 24 };

const sizeOf = ({ columns, rows }: Start): Size | undefined =>
  columns === undefined || rows === undefined ? undefined : { columns, rows };

/**
 * The open terminals. A named terminal outlives its connections, is joined again by its name, and ends with its shell.
 */
export class Terminals {
  readonly #named = new Map<string, Terminal>();
  readonly #processes: Processes;
  readonly #activity: ActivityMeter;
  #open = 0;

  constructor(processes: Processes, activity: ActivityMeter) {
    this.#processes = processes;
    this.#activity = activity;
  }

  /** Joins the named terminal or starts a new one. Throws a message for the person when it cannot be started. */
  join(start: Start, socket: SessionSocket, context: SessionContext): SessionEvents {
    const existing = start.terminal === undefined ? undefined : this.#named.get(start.terminal);
    const terminal = existing ?? this.#create(start, context);
    const closeConnection = this.#activity.countConnection();
    const viewer = terminal.attach(socket, sizeOf(start));
    return {
      // Only input of people arrives here: the agent's screen responds to queries of programs.
      stdin: (bytes) => {
        this.#activity.recordTerminalInput(bytes);
        terminal.input(viewer, bytes);
      },
      request: (request) => {
        if (request.type === 'resize') terminal.resize(viewer, request);
        if (request.type === 'focus') terminal.focus(viewer, request.focused);
        if (request.type === 'signal') this.#processes.signalGroup(terminal.pid, request.signal);
        if (request.type === 'eof') terminal.input(viewer, Buffer.of(4));
      },
      closed: () => {
        closeConnection();
        terminal.detach(viewer);
        if (start.terminal === undefined) void this.#processes.endSession(terminal.pid);
      },
    };
  }

  #create(start: Start, context: SessionContext): Terminal {
    const { command, terminal: name } = start;
    const size = sizeOf(start) ?? defaultSize;
    if (this.#open >= maxTerminals) {
      throw new Error(`${maxTerminals} terminals are open, which is the limit. Close one that you no longer need.`);
    }
    const { file, args, env } = sessionProgram(command, { ...context, onTerminal: true });
    const pty = loadPty().spawn(file, args, {
      name: terminalType,
      cols: size.columns,
      rows: size.rows,
      cwd: context.home,
      env: { ...env, TERM: terminalType, COLORTERM: 'truecolor' },
      encoding: null,
    });
    this.#processes.adopt(pty.pid);
    this.#open += 1;
    const terminal = new Terminal(pty, size, () => {
      this.#open -= 1;
      this.#processes.leaderExited(pty.pid);
      if (name !== undefined) this.#named.delete(name);
    });
    if (name !== undefined) this.#named.set(name, terminal);
    return terminal;
  }
}
