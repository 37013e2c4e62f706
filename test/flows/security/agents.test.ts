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
  // Workspaces whose agents were ended are not to be repaired meanwhile.
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

/** Stolen out of the workspace, whose own agent the thief has ended. */
const givenThief = async (id: string, said: Parameters<typeof givenHostileAgent>[2] = {}) => {
  process.kill(agentOf(id), 'SIGKILL');
  return givenHostileAgent(berth, await tokenOf(id), said);
};

describe('an agent that lies', () => {
  let rude: string;
  beforeAll(async () => {
    rude = await givenWorkspace('rude');
    process.kill(agentOf(rude), 'SIGKILL');
  });

  test('speaks of its own steps and of the template’s apps alone', async () => {
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
    ['answers what nobody asked', encodeFrame(frameType.accept, 900)],
    ['sends bytes of a stream that is not there', encodeFrame(frameType.data, 900)],
    ['gives more credit than there is', encodeFrame(frameType.credit, 1, { number: 0xffff_ffff, bytes: 4 })],
    ['says what is no frame', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['says it as text', 'hello'],
  ])('and %s is cut off, alone', async (_, said) => {
    const thief = await givenHostileAgent(berth, await tokenOf(rude));
    const closed = once(thief.socket, 'close');
    await expect.poll(() => thief.asked.length, { interval: 10 }).toBeGreaterThan(0);
    thief.socket.send(said);
    await closed;
    expect((await fetch(`${berth.url}/api/health`)).status).toBe(200);
  });

  test('is asked for nothing but its own workspace’s apps and sessions, wherever it wants to lead', async () => {
    const id = await givenWorkspace('leader');
    const location =
      'HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data\r\nContent-Length: 0\r\n\r\n';
    const thief = await givenThief(id, { answer: location });
    const exec = givenExec(berth, id, ['true']);
    await expect(exec).rejects.toThrow();
    expect(thief.asked).toContain('session');
    for (const authority of thief.asked) expect(authority).toMatch(/^(run|activity|session|events\.\d+)$/);
    thief.socket.terminate();
  });
});

describe('an agent that listens', () => {
  test('hears nothing by which a person is known, and sets nothing at the portal’s origin', async () => {
    const id = await givenWorkspace('listener');
    const answer = 'HTTP/1.1 404 No\r\nSet-Cookie: _session=its-own; Path=/\r\nContent-Length: 0\r\n\r\n';
    const thief = await givenThief(id, { answer });
    const { ticket } = await berth.as('ada').createTicket({ params: { workspace: id }, body: { for: 'session' } });
    const headers = { origin: berth.url, cookie: '_session=own', 'x-forwarded-for': '203.0.113.7' };
    const protocols = [sessionProtocol, ticketProtocolPrefix + ticket];
    const url = berth.url.replace('http', 'ws') + sessionPath(id, 'terminal');
    for (const socket of [
      new WebSocket(url, protocols, { headers }),
      new WebSocket(url, sessionProtocol, { headers: { ...headers, authorization: `Bearer ${berth.tokenOf('ada')}` } }),
    ]) {
      const [, { statusCode, headers: told }] = await once(socket, 'unexpected-response');
      socket.once('error', () => undefined).terminate();
      expect(statusCode).toBe(404);
      expect(told).not.toHaveProperty('set-cookie');
    }
    const heads = (thief.heard.get('session') ?? '').split('\r\n\r\n').slice(0, 2);
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

  test('of one workspace is none of another’s', async () => {
    const id = await givenWorkspace('first');
    const [own, other] = [await tokenOf(id), await tokenOf(await givenWorkspace('second'))];
    const signature = (token: string) => token.split('.')[2];
    expect((await givenHostileAgent(berth, `${id}.1.${signature(other)}`)).status).toBe(401);
    expect((await givenHostileAgent(berth, `${id}.2.${signature(own)}`)).status).toBe(401);
    expect((await givenHostileAgent(berth, `${id}.01.${signature(own)}`)).status).toBe(401);
  });

  test('dies with a delete', async () => {
    const id = await givenWorkspace('doomed');
    await berth.as('ada').deleteWorkspace({ params: { workspace: id } });
    await untilStatus(berth.as('ada'), id, 'deleted');
    expect((await givenHostileAgent(berth, await tokenOf(id))).status).toBe(410);
  });

  test('that somebody took along is of no use once its build is over, though their connection stays', async () => {
    const id = await givenWorkspace('stolen');
    const thief = await givenThief(id);
    await expect(givenExec(berth, id, ['true'])).rejects.toThrow();
    expect(thief.asked).toContain('session');
    const asked = () => thief.asked.filter((authority) => authority === 'session').length;
    const before = asked();
    const params = { workspace: id };
    await berth.as('ada').stopWorkspace({ params });
    await untilStatus(berth.as('ada'), id, 'stopped');
    const attempt = await givenExec(berth, id, ['true']).catch((error: Error) => error.message);
    expect(attempt).toContain('409');
    expect(asked()).toBe(before);
    await berth.as('ada').startWorkspace({ params, body: {} });
    await untilStatus(berth.as('ada'), id, 'running');
    const exec = await givenExec(berth, id, ['sh', '-c', 'echo mine']);
    expect(await exec.exit).toBe(0);
    expect(exec.output()).toBe('mine\n');
    expect(asked()).toBe(before);
  });
});

describe('in a workspace', () => {
  /** Numbers of the sockets that a process holds. */
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
  /** The paths of the unix sockets that it listens on. */
  const unixSockets = (pid: number): string[] => {
    const own = new Set(socketsOf(pid));
    return rowsOf('unix')
      .map((row) => row.trim().split(/\s+/))
      .flatMap(([, , , flags, , , inode = '', path]) =>
        flags === '00010000' && own.has(inode) && path !== undefined ? [path] : [],
      );
  };

  test('the agent listens on no port, and no signal makes it', async () => {
    const pid = agentOf(await givenWorkspace('quiet'));
    expect(listening(pid)).toEqual([]);
    process.kill(pid, 'SIGUSR1');
    // It would have a debugger's port by the time it has answered this.
    const exec = await givenExec(berth, 'quiet', ['sleep', '0.3']);
    expect(await exec.exit).toBe(0);
    expect(listening(pid)).toEqual([]);
    for (const path of unixSockets(pid)) expect(statSync(dirname(path)).mode & 0o077, path).toBe(0);
  });

  test('nobody finds the agent’s token: not in its environment, its arguments, its files', async () => {
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
