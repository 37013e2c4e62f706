import { expect } from 'vitest';
import type { Manifest } from '../../contracts/agent/tunnel.ts';
import { channel, type SessionReply, type SessionRequest, sessionPath } from '../../contracts/sessions/session.ts';
import { atEnd, type Berth, open, statusOf } from '../../gateway/testing/harness.ts';
import { oneTimeTokenOf, type TestWorkspace } from '../../gateway/testing/rules.ts';

/** A container that runs the agent. */
export interface AgentContainer {
  /** The container's stdout and stderr. Resolves when it has ended. */
  output: Promise<string>;
  /** Ends the container and all of its processes. */
  end(): Promise<unknown>;
}

export interface WorkspaceSetup {
  home?: string;
  manifest?: Partial<Manifest>;
  env?: Record<string, string>;
  /** The agent's status after its start. */
  becomes?: 'ready' | 'start_error';
}

/** The command of a workspace's container: the agent, from the injected folder. */
export const agentCommand = ['/berth/bin/node', '/berth/agent.cjs'];

/** A workspace whose agent runs in a container. `run` starts the container with the given environment. */
export const givenWorkspaceIn = async (
  berth: Berth,
  run: (env: Record<string, string>) => AgentContainer,
  { home = '/home/berth', becomes = 'ready', manifest, env }: WorkspaceSetup = {},
): Promise<AgentContainer> => {
  berth.rules.bearers.set('token-of-ada', 'ada');
  const workspace: TestWorkspace = {
    id: 'ws-00000000000000000000000001',
    name: 'demo',
    owner: 'ada',
    token: 'agent-token',
    status: 'running',
    over: false,
    manifest: {
      workspace: { id: 'ws-1', name: 'demo', owner: 'ada' },
      build: 'build-1',
      startup: '',
      startupTimeoutMs: 20_000,
      env: {},
      dotfiles: '',
      apps: [],
      ...manifest,
    },
  };
  berth.rules.workspaces.push(workspace);
  const container = run({
    HOME: home,
    BERTH_WORKSPACE_ID: workspace.id,
    BERTH_AGENT_TOKEN: oneTimeTokenOf(workspace),
    BERTH_GATEWAY_URL: `http://127.0.0.1:${berth.port}`,
    ...env,
  });
  atEnd(() => container.end());
  const ended = container.output.then((output) => Promise.reject(new Error(`the agent ended: ${output}`)));
  await Promise.race([expect.poll(() => statusOf(berth)?.status, { timeout: 30_000 }).toBe(becomes), ended]);
  return container;
};

export const openSession = async (
  berth: Berth,
  kind: 'terminal' | 'exec',
  start: Omit<SessionRequest & { type: 'start' }, 'type'> = {},
) => {
  const opened = await open(berth, berth.domain, sessionPath('demo', kind), { authorization: 'Bearer token-of-ada' });
  if (!('socket' in opened)) throw new Error(`refused: ${opened.status} ${opened.body}`);
  const { socket } = opened;
  let output = '';
  const replies: SessionReply[] = [];
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) output += data.subarray(1).toString();
    else replies.push(JSON.parse(data.toString()));
  });
  socket.send(JSON.stringify({ type: 'start', ...start }));
  const replyOf = <T extends SessionReply['type']>(type: T) =>
    replies.find((reply): reply is Extract<SessionReply, { type: T }> => reply.type === type);
  return {
    output: () => output,
    type: (text: string) => socket.send(Buffer.concat([Buffer.of(channel.stdin), Buffer.from(text)])),
    exit: () => expect.poll(() => replyOf('exit')?.code, { timeout: 30_000 }),
    error: () => expect.poll(() => replyOf('error')?.message, { timeout: 30_000 }),
  };
};
export const execIn = async (berth: Berth, ...command: string[]): Promise<string> => {
  const run = await openSession(berth, 'exec', { command });
  await run.exit().toBeTypeOf('number');
  return run.output().trim();
};

/** Runs a command, a terminal and a script in Node. */
export const expectUsableWorkspace = async (berth: Berth) => {
  expect(await execIn(berth, 'sh', '-c', 'echo "$((40 + 2))"')).toBe('42');
  const terminal = await openSession(berth, 'terminal', { columns: 100, rows: 30 });
  terminal.type('echo in $(( 40 + 2 )); tty; exit 5\n');
  await terminal.exit().toBe(5);
  expect(terminal.output()).toMatch(/in 42\s[\s\S]*\/dev\/pts\/\d/);
  expect(await execIn(berth, 'sh', '-c', '"$BERTH_NODE" -p "process.execPath"')).toBe('/berth/bin/node');
};
