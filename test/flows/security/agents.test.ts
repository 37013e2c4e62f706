import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { sessionPath, sessionProtocol, ticketProtocolPrefix } from '../../../contracts/sessions/session.ts';
import { agentToken } from '../../../core/crypto/secrets.ts';
import { encodeFrame, encodeHeader, frameType } from '../../../tunnel/frames.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { givenExec } from '../../support/clients/exec.ts';
import { givenHostileAgent } from '../../support/clients/hostile-agent.ts';
import { workspaceProcesses } from '../../support/processes/workspace-processes.ts';

const app = `
name: app
compute: { kind: process }
apps:
  - { name: web }
`;

let berth: TestBerth;
beforeAll(async () => {
  // The sweep must not repair workspaces whose agents were killed.
  berth = await givenBerth({ templateFolders: [givenTemplates({ app })], sweepEveryMs: 3_600_000 });
});
afterAll(() => berth.end());

const givenWorkspace = async (name: string, person: 'ada' | 'linus' = 'ada') => {
  const { id } = await berth.as(person).createWorkspace({ body: { name, template: 'app' } });
  await untilStatus(berth.as(person), id, 'running');
  return id;
};

const tokenOf = async (id: string, build = 1) => agentToken(await berth.runtime.agentKey(), id, build);
const agentOf = (id: string): number =>
  Math.min(...workspaceProcesses(berth.dataDir).flatMap(({ pid, workspace }) => (workspace === id ? [pid] : [])));

/** Connects with the token of a workspace after killing its own agent. */
const givenThief = async (id: string, behavior: Parameters<typeof givenHostileAgent>[2] = {}) => {
  process.kill(agentOf(id), 'SIGKILL');
  return givenHostileAgent(berth, await tokenOf(id), behavior);
};

describe('a hostile agent', () => {
  let workspace: string;
  beforeAll(async () => {
    workspace = await givenWorkspace('rude');
    process.kill(agentOf(workspace), 'SIGKILL');
  });

  test('changes nothing but its own steps and the template’s apps', async () => {
    const [mine, other] = [await givenWorkspace('liar'), await givenWorkspace('honest', 'linus')];
    const before = await berth.as('linus').getWorkspace({ params: { workspace: other } });
    const thief = await givenThief(mine, {
      events: [
        { type: 'app', app: 'admin', health: 'healthy' },
        { type: 'app', app: 'web', health: 'healthy', workspaceId: other },
        { type: 'step', step: 'compute', title: 'Owned', status: 'failed', message: 'owned' },
        { type: 'step', step: 'app-admin', title: 'Owned', status: 'running' },
        { type: 'log', step: 'compute', text: 'owned' },
        { type: 'status', status: 'start_error', message: 'owned', workspaceId: other, buildId: `${other}-1` },
      ],
    });
    const ada = berth.as('ada');
    const params = { workspace: mine };
    await expect.poll(async () => (await ada.getWorkspace({ params })).apps[0]?.health).toBe('healthy');
    const { steps } = await ada.getBuild({ params: { ...params, build: 1 } });
    expect(steps.map(({ title }) => title)).not.toContain('Owned');
    expect((await ada.getWorkspace({ params })).apps.map(({ name }) => name)).toEqual(['web']);
    const compute = await ada.getBuildLog({ params: { ...params, build: 1, step: 'compute' } });
    expect(compute.chunks).toEqual([]);
    const { stop: _, ...after } = await berth.as('linus').getWorkspace({ params: { workspace: other } });
    expect(before).toMatchObject(after);
    thief.socket.terminate();
  });

  test.each([
    ['opens a stream towards the gateway', encodeHeader(frameType.open, 1_000, 0)],
    ['accepts a stream that was never opened', encodeFrame(frameType.accept, 900)],
    ['sends bytes of an unknown stream', encodeFrame(frameType.data, 900)],
    ['gives more credit than there is', encodeFrame(frameType.credit, 1, { number: 0xffff_ffff, bytes: 4 })],
    ['sends an invalid frame', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['sends text', 'hello'],
  ])('that %s is disconnected, and Berth keeps serving', async (_, message) => {
    const thief = await givenHostileAgent(berth, await tokenOf(workspace));
    const closed = once(thief.socket, 'close');
    await expect.poll(() => thief.opened.length, { interval: 10 }).toBeGreaterThan(0);
    thief.socket.send(message);
    await closed;
    expect((await fetch(`${berth.url}/api/health`)).status).toBe(200);
  });

  test('receives streams of its own workspace’s apps and sessions only, wherever it redirects', async () => {
    const id = await givenWorkspace('leader');
    const location =
      'HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data\r\nContent-Length: 0\r\n\r\n';
    const thief = await givenThief(id, { response: location });
    const exec = givenExec(berth, id, ['true']);
    await expect(exec).rejects.toThrow();
    expect(thief.opened).toContain('session');
    for (const authority of thief.opened) expect(authority).toMatch(/^(run|activity|session|events\.\d+)$/);
    thief.socket.terminate();
  });
});

describe('an eavesdropping agent', () => {
  test('receives no credential of a person, and sets no cookie at the portal’s origin', async () => {
    const id = await givenWorkspace('listener');
    const response = 'HTTP/1.1 404 No\r\nSet-Cookie: _session=its-own; Path=/\r\nContent-Length: 0\r\n\r\n';
    const thief = await givenThief(id, { response });
    const { ticket } = await berth.as('ada').createTicket({ params: { workspace: id }, body: { for: 'session' } });
    const headers = { origin: berth.url, cookie: '_session=own', 'x-forwarded-for': '203.0.113.7' };
    const protocols = [sessionProtocol, ticketProtocolPrefix + ticket];
    const url = berth.url.replace('http', 'ws') + sessionPath(id, 'terminal');
    for (const socket of [
      new WebSocket(url, protocols, { headers }),
      new WebSocket(url, sessionProtocol, { headers: { ...headers, authorization: `Bearer ${berth.tokenOf('ada')}` } }),
    ]) {
      const [, { statusCode, headers: received }] = await once(socket, 'unexpected-response');
      socket.once('error', () => undefined).terminate();
      expect(statusCode).toBe(404);
      expect(received).not.toHaveProperty('set-cookie');
    }
    const heads = (thief.received.get('session') ?? '').split('\r\n\r\n').slice(0, 2);
    const names = [
      'connection',
      'host',
      'sec-websocket-key',
      'sec-websocket-protocol',
      'sec-websocket-version',
      'upgrade',
    ];
    for (const [first, ...lines] of heads.map((head) => head.split('\r\n'))) {
      expect(first).toBe('GET /terminal HTTP/1.1');
      expect(lines.map((line) => line.split(':', 1)[0]?.toLowerCase()).sort()).toEqual(names);
      expect(lines.join()).not.toContain(ticket);
    }
    thief.socket.terminate();
  });
});

describe('an agent’s token', () => {
  test('opens nothing but its own tunnel', async () => {
    const id = await givenWorkspace('narrow');
    const authorization = `Bearer ${await tokenOf(id)}`;
    for (const path of ['/api/me', '/api/workspaces', `/api/workspaces/${id}`]) {
      expect((await fetch(berth.url + path, { headers: { authorization } })).status, path).toBe(401);
    }
    const socket = new WebSocket(berth.url.replace('http', 'ws') + sessionPath(id, 'exec'), {
      headers: { authorization },
    });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('401');
  });

  test('is not valid for another workspace or build', async () => {
    const id = await givenWorkspace('first');
    const [own, other] = [await tokenOf(id), await tokenOf(await givenWorkspace('second'))];
    const signature = (token: string) => token.split('.')[2];
    expect((await givenHostileAgent(berth, `${id}.1.${signature(other)}`)).status).toBe(401);
    expect((await givenHostileAgent(berth, `${id}.2.${signature(own)}`)).status).toBe(401);
    expect((await givenHostileAgent(berth, `${id}.01.${signature(own)}`)).status).toBe(401);
  });

  test('becomes invalid when its workspace is deleted', async () => {
    const id = await givenWorkspace('doomed');
    await berth.as('ada').deleteWorkspace({ params: { workspace: id } });
    await untilStatus(berth.as('ada'), id, 'deleted');
    expect((await givenHostileAgent(berth, await tokenOf(id))).status).toBe(410);
  });

  test('that was stolen is useless after its build, even while its connection stays open', async () => {
    const id = await givenWorkspace('stolen');
    const thief = await givenThief(id);
    await expect(givenExec(berth, id, ['true'])).rejects.toThrow();
    expect(thief.opened).toContain('session');
    const sessions = () => thief.opened.filter((authority) => authority === 'session').length;
    const before = sessions();
    const params = { workspace: id };
    await berth.as('ada').stopWorkspace({ params });
    await untilStatus(berth.as('ada'), id, 'stopped');
    const attempt = await givenExec(berth, id, ['true']).catch((error: Error) => error.message);
    expect(attempt).toContain('409');
    expect(sessions()).toBe(before);
    await berth.as('ada').startWorkspace({ params, body: {} });
    await untilStatus(berth.as('ada'), id, 'running');
    const exec = await givenExec(berth, id, ['sh', '-c', 'echo mine']);
    expect(await exec.exit).toBe(0);
    expect(exec.output()).toBe('mine\n');
    expect(sessions()).toBe(before);
  });
});

describe('in a workspace', () => {
  /** Returns the inodes of a process's sockets. */
  const socketsOf = (pid: number): string[] =>
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode === undefined ? [] : [inode];
    });
  const rowsOf = (table: string) => readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1);
  const listening = (pid: number): string[] => {
    const own = new Set(socketsOf(pid));
    const tcp = [...rowsOf('tcp'), ...rowsOf('tcp6')].map((row) => row.trim().split(/\s+/));
    return tcp.flatMap(([, address = '', , state, , , , , , inode = '']) =>
      state === '0A' && own.has(inode) ? [address] : [],
    );
  };
  /** Returns the paths of the Unix sockets on which a process listens. */
  const unixSockets = (pid: number): string[] => {
    const own = new Set(socketsOf(pid));
    return rowsOf('unix')
      .map((row) => row.trim().split(/\s+/))
      .flatMap(([, , , flags, , , inode = '', path]) =>
        flags === '00010000' && own.has(inode) && path !== undefined ? [path] : [],
      );
  };

  test('the agent listens on no port, even after SIGUSR1', async () => {
    const pid = agentOf(await givenWorkspace('quiet'));
    expect(listening(pid)).toEqual([]);
    process.kill(pid, 'SIGUSR1');
    // A debugger would listen by the time this command has ended.
    const exec = await givenExec(berth, 'quiet', ['sleep', '0.3']);
    expect(await exec.exit).toBe(0);
    expect(listening(pid)).toEqual([]);
    for (const path of unixSockets(pid)) expect(statSync(dirname(path)).mode & 0o077, path).toBe(0);
  });

  test('the agent’s token is in no environment, argument or file', async () => {
    const id = await givenWorkspace('searched');
    const pid = agentOf(id);
    const token = await tokenOf(id);
    expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain(token);
    expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).not.toContain(token);
    const search = 'env; cat /proc/self/environ; grep -rF "$0" "$HOME" "$HOME/.." --include="*" -l 2>/dev/null; true';
    const exec = await givenExec(berth, id, ['sh', '-c', search, `.1.${token.split('.')[2]}`]);
    expect(await exec.exit).toBe(0);
    expect(exec.output()).not.toContain(token);
    expect(exec.output()).not.toContain('BERTH_AGENT_');
  });
});
