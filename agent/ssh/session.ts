import type { Connection, ServerChannel, Session } from 'ssh2';
import { messageOf } from '../common/message.ts';
import type { Environment } from '../processes/environment.ts';
import type { SessionContext } from '../sessions/session-context.ts';
import { serveAgentSocket } from './agent-socket.ts';
import type { CleanupScope } from './cleanup-scope.ts';
import { runCommand } from './command.ts';
import { sttyWords } from './pty-modes.ts';
import type { RunningProgram } from './running-program.ts';
import { Handles } from './sftp/handles.ts';
import { serveSftp } from './sftp/server.ts';
import { runTerminal, type TerminalRequest } from './terminal.ts';

interface SshSession {
  client: Connection;
  scope: CleanupScope;
  /** Read when a program starts: the environment is complete only once the manifest came. */
  context: () => SessionContext;
  modesOf: (session: Session) => Buffer | undefined;
}

/** Variables that a client may set: the language and git's protocol version. Others could change what programs do. */
const allowedVariable = /^(LANG|LANGUAGE|LC_[A-Z]+|GIT_PROTOCOL|COLORTERM)$/;
const maxValueLength = 4_096;

const signals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGKILL', 'SIGUSR1', 'SIGUSR2'] as const;

/** sshd sets these. The real address of the client is not passed on to the workspace. */
const sshVariables = { SSH_CLIENT: '127.0.0.1 0 22', SSH_CONNECTION: '127.0.0.1 0 127.0.0.1 22' };

/** The client's terminal type if terminfo could have it. */
const validTerm = (text: string): string => (/^[\w.+-]{1,60}$/.test(text) ? text : 'xterm-256color');

/** Starts the program, on a terminal if one was requested. If it cannot be started, ends the channel with a message. */
const startProgram = (
  channel: ServerChannel,
  command: string | undefined,
  terminal: TerminalRequest | undefined,
  context: SessionContext,
): RunningProgram | undefined => {
  try {
    if (terminal === undefined) return runCommand(channel, command, context);
    return runTerminal(channel, command, terminal, context);
  } catch (thrown) {
    channel.stderr.write(`${messageOf(thrown)}\n`);
    channel.exit(1);
    channel.end();
    return undefined;
  }
};

/** Serves one session of a connection: its settings, then its one shell, command or subsystem. */
export const serveSession = (session: Session, { client, scope, context, modesOf }: SshSession): void => {
  const variables: Environment = {};
  let terminal: TerminalRequest | undefined;
  let running: RunningProgram | undefined;

  const onClose = (undo: () => void) => {
    const forget = scope.add(undo);
    session.once('close', () => {
      forget();
      undo();
    });
  };
  const startOn = (channel: ServerChannel, command?: string) => {
    const current = context();
    const env = { ...current.env, ...sshVariables, ...variables };
    current.activity.recordInput();
    running = startProgram(channel, command, terminal, { ...current, env });
    if (running !== undefined) onClose(running.hangUp);
  };

  session.on('env', (accept, reject, { key, val }) => {
    if (!allowedVariable.test(key) || val.length > maxValueLength) return reject?.();
    variables[key] = val;
    accept?.();
  });
  session.on('pty', (accept, _reject, { term, cols, rows }) => {
    terminal = { term: validTerm(term), cols, rows, stty: sttyWords(modesOf(session) ?? Buffer.alloc(0)) };
    accept?.();
  });
  session.on('auth-agent', (accept, reject) => {
    const path = serveAgentSocket(client, scope);
    if (path === undefined) return reject?.();
    variables['SSH_AUTH_SOCK'] = path;
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
  session.on('shell', (accept) => startOn(accept()));
  session.on('exec', (accept, _reject, { command }) => startOn(accept(), command));
  session.on('subsystem', (accept, reject, { name }) => {
    if (name !== 'sftp') return reject();
    const handles = new Handles();
    onClose(() => void handles.closeAll());
    void serveSftp(accept(), handles, context());
  });
};
