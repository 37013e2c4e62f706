import type { Connection, ServerChannel, Session } from 'ssh2';
import type { Environment } from '../environment.ts';
import { messageOf } from '../message.ts';
import type { Processes } from '../processes.ts';
import { serveAgentSocket } from './agent-socket.ts';
import { runCommand } from './command.ts';
import { sttyWords } from './pty-modes.ts';
import type { Scope } from './scope.ts';
import { Handles } from './sftp/handles.ts';
import { serveSftp } from './sftp/server.ts';
import { runTerminal, type TerminalRequest } from './terminal.ts';

/** What a session's program is started with. */
export interface Started {
  env: Environment;
  home: string;
  processes: Processes;
  /** To be called for everything the person sends. */
  input: () => void;
}

/** A session's program, as its requests reach it. */
export interface Running {
  signal(signal: NodeJS.Signals): unknown;
  resize(to: { cols: number; rows: number }): void;
  /** The client is gone. */
  hangUp(): void;
}

export interface SessionAround extends Omit<Started, 'env'> {
  client: Connection;
  scope: Scope;
  /** What everything in the workspace inherits, as it is by now. */
  environment: () => Environment;
  modesOf: (session: Session) => Buffer | undefined;
}

/** The language, and what git says of its protocol. All else could change what the workspace's programs do. */
const mayBeSet = /^(LANG|LANGUAGE|LC_[A-Z]+|GIT_PROTOCOL|COLORTERM)$/;
const longestValue = 4_096;

const signals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGKILL', 'SIGUSR1', 'SIGUSR2'] as const;

/** As an sshd says it; where a connection really comes from, the workspace is not told. */
const connection = { SSH_CLIENT: '127.0.0.1 0 22', SSH_CONNECTION: '127.0.0.1 0 127.0.0.1 22' };

/** A terminal's name, fit to be looked up in terminfo. */
const termIn = (text: string): string => (/^[\w.+-]{1,60}$/.test(text) ? text : 'xterm-256color');

/** On a terminal if one was asked for; a program that cannot be started ends the channel with a sentence. */
const startProgram = (
  channel: ServerChannel,
  command: string | undefined,
  terminal: TerminalRequest | undefined,
  started: Started,
): Running | undefined => {
  try {
    if (terminal === undefined) return runCommand(channel, command, started);
    return runTerminal(channel, command, terminal, started);
  } catch (thrown) {
    channel.stderr.write(`${messageOf(thrown)}\n`);
    channel.exit(1);
    channel.end();
    return undefined;
  }
};

/** Serves one session of a connection: its settings, then the one shell, command or subsystem. */
export const serveSession = (session: Session, around: SessionAround): void => {
  const { client, scope, modesOf } = around;
  const asked: Environment = {};
  let terminal: TerminalRequest | undefined;
  let running: Running | undefined;

  const whenGone = (undo: () => void) => {
    const forget = scope.add(undo);
    session.once('close', () => {
      forget();
      undo();
    });
  };
  const begin = (channel: ServerChannel, command?: string) => {
    const env = { ...around.environment(), ...connection, ...asked };
    running = startProgram(channel, command, terminal, { ...around, env });
    if (running !== undefined) whenGone(running.hangUp);
  };

  session.on('env', (accept, reject, { key, val }) => {
    if (!mayBeSet.test(key) || val.length > longestValue) return reject?.();
    asked[key] = val;
    accept?.();
  });
  session.on('pty', (accept, _reject, { term, cols, rows }) => {
    terminal = { term: termIn(term), cols, rows, stty: sttyWords(modesOf(session) ?? Buffer.alloc(0)) };
    accept?.();
  });
  session.on('auth-agent', (accept, reject) => {
    const path = serveAgentSocket(client, scope);
    if (path === undefined) return reject?.();
    asked['SSH_AUTH_SOCK'] = path;
    accept?.();
  });
  session.on('window-change', (accept, _reject, to) => {
    running?.resize(to);
    accept?.();
  });
  session.on('signal', (accept, reject, { name }) => {
    const signal = signals.find((known) => known === `SIG${name}`);
    if (signal === undefined) return reject?.();
    running?.signal(signal);
    accept?.();
  });
  session.on('shell', (accept) => begin(accept()));
  session.on('exec', (accept, _reject, { command }) => begin(accept(), command));
  session.on('subsystem', (accept, reject, { name }) => {
    if (name !== 'sftp') return reject();
    const handles = new Handles();
    whenGone(() => void handles.closeAll());
    void serveSftp(accept(), handles, around);
  });
};
