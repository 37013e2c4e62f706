import { connect, type OutgoingHttpHeaders } from 'node:http2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channel } from '../../contracts/sessions/session.ts';
import { replicaRules } from '../../core/connections/agents/replicas.ts';
import type { PeerRequest } from '../../core/gateway.ts';
import { buildIdOf } from '../../core/workspaces/records/build-record.ts';
import { loadWorkspace } from '../../core/workspaces/store.ts';
import { atEnd, cleanUp, requestApp } from '../testing/harness.ts';
import {
  agentKey,
  appAt,
  cookieOf,
  dialOf,
  execOf,
  givenAgentOf,
  givenInstallation,
  givenRunning,
  type Installation,
  type Replica,
  untilConnected,
} from '../testing/replicas.ts';
import { peerHeaders, reasonOf } from './peer-headers.ts';
import { openConnect, StreamRefused } from './peer-streams.ts';

let installation: Installation;
let a: Replica;
let b: Replica;

beforeEach(async () => {
  installation = await givenInstallation();
  [a, b] = [await installation.givenReplica(), await installation.givenReplica()];
});
afterEach(cleanUp);

const agentStatusOf = async (id: string) => (await loadWorkspace(installation.table, id))?.agent?.status;
const untilReady = (id: string) => expect.poll(() => agentStatusOf(id)).toBe('ready');

const givenCookie = (id: string) => cookieOf(installation, a, id);
const dial = (replica: Replica, id: string) => dialOf(installation, replica, id);
const givenExec = (replica: Replica, id: string, command: string[]) => execOf(installation, replica, id, command);

describe('a workspace whose agent is at another replica', () => {
  it('is reached through every replica, for apps and sessions', async () => {
    const { id } = await givenRunning(installation, b.port);
    await untilConnected(b, id);
    const cookie = await givenCookie(id);
    await expect.poll(() => appAt(a, cookie)).toBe('hello of demo');
    expect(await appAt(b, cookie)).toBe('hello of demo');
    expect(a.gateway.connected()).toEqual([]);
    const exec = await givenExec(a, id, ['sh', '-c', 'exit 7']);
    await expect.poll(exec.replies).toContainEqual({ type: 'exit', code: 7 });
  });

  it('receives 20 MB through both unchanged', async () => {
    const { id } = await givenRunning(installation, b.port);
    await untilConnected(b, id);
    const { socket, closed } = await givenExec(a, id, ['sh', '-c', 'read go; head -c 20000000 /dev/zero']);
    let bytes = 0;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) bytes += data.length - 1;
    });
    socket.send(Buffer.concat([Buffer.of(channel.stdin), Buffer.from('go\n')]));
    expect(await closed).toMatchObject({ code: 1000 });
    expect(bytes).toBe(20_000_000);
  });

  it('has its connections through both closed when the browser or the agent leaves', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await untilConnected(b, id);
    const first = await givenExec(a, id, ['sleep', '300']);
    expect(b.gateway.peerServer?.count).toBe(1);
    first.socket.terminate();
    await expect.poll(() => b.gateway.peerServer?.count).toBe(0);
    const second = await givenExec(a, id, ['sleep', '300']);
    line.cut();
    await second.closed;
  });
});

describe('an agent', () => {
  it('whose replica died reconnects to another one, and is found there', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await untilConnected(b, id);
    const cookie = await givenCookie(id);
    await expect.poll(() => appAt(a, cookie)).toBe('hello of demo');
    line.setTarget(a.port);
    await b.die();
    await untilConnected(a, id);
    expect(await appAt(a, cookie)).toBe('hello of demo');
  });

  it('that moved is disconnected by the replica that it left, which does not record it as lost', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await untilConnected(b, id);
    await untilReady(id);
    // B does not notice this. The agent would notice it only after a while, so a second process stands in for it.
    line.silence();
    await givenAgentOf(id, a.port);
    await untilConnected(a, id);
    await expect.poll(() => b.gateway.connected()).toEqual([]);
    await expect.poll(() => installation.log.join('\n')).toContain('agent disconnected');
    expect(await agentStatusOf(id)).toBe('ready');
    expect(await installation.replicas.findAgent(id)).toMatchObject({ id: a.id });
  });

  it('that is connected nowhere is reported as such, although the table names the replica that died', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await untilConnected(b, id);
    const cookie = await givenCookie(id);
    await expect.poll(() => appAt(a, cookie)).toBe('hello of demo');
    line.close();
    await b.die();
    expect(await installation.replicas.findAgent(id)).toMatchObject({ id: b.id });
    expect(await appAt(a, cookie)).toBe(502);
    expect(await dial(a, id)).toMatchObject({
      status: 502,
      body: expect.stringContaining('/errors/agent_unreachable'),
    });
  });

  it('is not looked for at a replica whose lease has expired', async () => {
    const { id } = await givenRunning(installation, b.port);
    await untilConnected(b, id);
    await untilReady(id);
    expect(await installation.replicas.findAgent(id)).toMatchObject({ id: b.id });
    const later = replicaRules({ ...installation.rules, agentKey, clock: () => new Date(Date.now() + 30_000) });
    expect(await later.findAgent(id)).toBeUndefined();
  });
});

describe('a replica that drains', () => {
  it('asks its agents to reconnect elsewhere, and open connections stay until they are closed', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await untilConnected(b, id);
    const cookie = await givenCookie(id);
    const session = await givenExec(b, id, ['cat']);
    const through = await givenExec(a, id, ['cat']);
    line.setTarget(a.port);
    const drained = b.drain();
    await untilConnected(a, id);
    expect(await requestApp({ ...b, domain: 'x' }, '', '/healthz', { headers: { host: 'gateway' } })).toMatchObject({
      status: 503,
    });
    expect(await requestApp({ ...a, domain: 'x' }, '', '/healthz', { headers: { host: 'gateway' } })).toMatchObject({
      status: 200,
    });
    expect(await dial(b, id)).toMatchObject({ status: 503 });
    // Open sessions continue through the connection that the agent keeps for them.
    for (const { socket, replies } of [session, through]) {
      socket.send(JSON.stringify({ type: 'eof' }));
      await expect.poll(replies).toContainEqual({ type: 'exit', code: 0 });
    }
    await drained;
    expect(await appAt(a, cookie)).toBe('hello of demo');
    expect(await installation.replicas.findReplica(b.id)).toBeUndefined();
    expect(await agentStatusOf(id)).toBe('ready');
  });

  it('closes connections that are still open at the end of its time, with a reason', async () => {
    const c = await installation.givenReplica({ drainMs: 200 });
    const { id, line } = await givenRunning(installation, c.port);
    await untilConnected(c, id);
    const session = await givenExec(c, id, ['sleep', '300']);
    line.setTarget(a.port);
    await c.drain();
    expect(await session.closed).toEqual({ code: 1012, reason: 'The gateway is restarting. Connect again.' });
    await untilConnected(a, id);
  });

  it('accepts no agent', async () => {
    const c = await installation.givenReplica();
    const { id, line } = await givenRunning(installation, b.port);
    await untilConnected(b, id);
    await givenExec(c, id, ['sleep', '300']);
    void c.drain();
    line.setTarget(c.port);
    line.cut();
    await expect.poll(() => line.opened()).toBeGreaterThan(3);
    expect(c.gateway.connected()).toEqual([]);
  });
});

describe('a request on the port for peers', () => {
  let request: PeerRequest;
  beforeEach(async () => {
    const { id } = await givenRunning(installation, b.port);
    await untilReady(id);
    request = { replica: b.id, workspaceId: id, buildId: buildIdOf(id, 1), authority: 'session' };
  });

  /** Requests a stream from B. Returns the status of its response, 200 if it opened the stream. */
  const responseTo = async (headers: OutgoingHttpHeaders, authority = 'session') => {
    const { address } = (await installation.replicas.findReplica(b.id)) ?? {};
    const session = connect(`http://${address}`);
    atEnd(() => session.destroy());
    return openConnect(session, authority, headers, 10_000).then(
      () => ({ status: 200, reason: undefined }),
      (thrown: unknown) => {
        if (!(thrown instanceof StreamRefused)) throw thrown;
        return { status: thrown.status, reason: reasonOf(thrown.headers) };
      },
    );
  };
  const signed = (changed: Partial<PeerRequest> = {}, rules = installation.replicas) =>
    peerHeaders({ ...request, ...changed }, rules);
  const shifted = (ms: number) =>
    replicaRules({ ...installation.rules, agentKey, clock: () => new Date(Date.now() + ms) });

  it('is refused without the credential of a replica for exactly this request and time', async () => {
    expect(await responseTo(signed())).toMatchObject({ status: 200 });
    expect(await responseTo({ 'berth-workspace': request.workspaceId })).toMatchObject({ status: 401 });
    expect(await responseTo({ ...signed(), 'berth-credential': `${Date.now()}.forged` })).toMatchObject({
      status: 401,
    });
    const foreign = replicaRules({ ...installation.rules, agentKey: 'the key of another installation' });
    expect(await responseTo(signed({}, foreign))).toMatchObject({ status: 401 });
    expect(await responseTo(signed({}, shifted(-60_000)))).toMatchObject({ status: 401 });
    expect(await responseTo(signed({}, shifted(60_000)))).toMatchObject({ status: 401 });
    expect(await responseTo(signed({ replica: a.id }))).toMatchObject({ status: 401 });
    expect(await responseTo(signed({ authority: 'app.web' }))).toMatchObject({ status: 401 });
    const other = { 'berth-workspace': 'ws-01jd000000000000000000000a' };
    expect(await responseTo({ ...signed(), ...other })).toMatchObject({ status: 401 });
    expect(await responseTo({ ...signed(), 'berth-build': buildIdOf(request.workspaceId, 2) })).toMatchObject({
      status: 401,
    });
  });

  it('for another build’s agent is refused', async () => {
    expect(await responseTo(signed({ buildId: buildIdOf(request.workspaceId, 2) }))).toMatchObject({ status: 404 });
  });

  it('is not signed if its fields are ambiguous', async () => {
    const { signPeerRequest: signPeer, isSignedPeerRequest: isFromPeer } = installation.replicas;
    const odd = { replica: 'r', workspaceId: 'ws', buildId: 'ws-1', authority: 'session\nx' };
    expect(isFromPeer(odd, signPeer(odd))).toBe(false);
  });

  it('that the agent refuses is refused with the reason', async () => {
    expect(await responseTo(signed({ authority: 'app.other' }), 'app.other')).toMatchObject({
      status: 502,
      reason: expect.stringContaining('has no such app'),
    });
    const gone = signed({ workspaceId: 'ws-01jd000000000000000000000a' });
    expect(await responseTo(gone)).toMatchObject({ status: 404 });
  });
});
