import { connect, type OutgoingHttpHeaders } from 'node:http2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channel } from '../../contracts/sessions/session.ts';
import { replicaRules } from '../../core/connections/agents/replicas.ts';
import type { PeerRequest } from '../../core/gateway.ts';
import { buildIdOf } from '../../core/workspaces/records/build-record.ts';
import { loadWorkspace } from '../../core/workspaces/store.ts';
import { ask, atEnd, cleanUp } from '../testing/harness.ts';
import {
  agentKey,
  appAt,
  cookieOf,
  dialOf,
  execOf,
  givenAgentOf,
  givenInstallation,
  givenRunning,
  holds,
  type Installation,
  type Replica,
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

const shown = async (id: string) => (await loadWorkspace(installation.table, id))?.agent?.status;
const untilReady = (id: string) => expect.poll(() => shown(id)).toBe('ready');

const givenCookie = (id: string) => cookieOf(installation, a, id);
const dial = (replica: Replica, id: string) => dialOf(installation, replica, id);
const givenExec = (replica: Replica, id: string, command: string[]) => execOf(installation, replica, id, command);

describe('a workspace whose agent is at another replica', () => {
  it('is reached from every one, by apps and sessions', async () => {
    const { id } = await givenRunning(installation, b.port);
    await holds(b, id);
    const cookie = await givenCookie(id);
    await expect.poll(() => appAt(a, cookie)).toBe('hello of demo');
    expect(await appAt(b, cookie)).toBe('hello of demo');
    expect(a.gateway.connected()).toEqual([]);
    const exec = await givenExec(a, id, ['sh', '-c', 'exit 7']);
    await expect.poll(exec.replies).toContainEqual({ type: 'exit', code: 7 });
  });

  it('passes 20 MB through both unchanged', async () => {
    const { id } = await givenRunning(installation, b.port);
    await holds(b, id);
    const { socket, closed } = await givenExec(a, id, ['sh', '-c', 'read go; head -c 20000000 /dev/zero']);
    let bytes = 0;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) bytes += data.length - 1;
    });
    socket.send(Buffer.concat([Buffer.of(channel.stdin), Buffer.from('go\n')]));
    expect(await closed).toMatchObject({ code: 1000 });
    expect(bytes).toBe(20_000_000);
  });

  it('ends what is open through both when the browser goes, and when the agent goes', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await holds(b, id);
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
  it('whose replica died is back at another within 5 s, and found there', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await holds(b, id);
    const cookie = await givenCookie(id);
    await expect.poll(() => appAt(a, cookie)).toBe('hello of demo');
    line.leadTo(a.port);
    await b.die();
    await holds(a, id);
    expect(await appAt(a, cookie)).toBe('hello of demo');
  });

  it('that moved is dropped by the replica it left, which never says that it is gone', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await holds(b, id);
    await untilReady(id);
    // Nobody tells B of the cut. The agent would notice only after a while: another process stands for it.
    line.silence();
    await givenAgentOf(id, a.port);
    await holds(a, id);
    await expect.poll(() => b.gateway.connected()).toEqual([]);
    await expect.poll(() => installation.log.join('\n')).toContain('agent disconnected');
    expect(await shown(id)).toBe('ready');
    expect(await installation.replicas.findAgent(id)).toMatchObject({ id: a.id });
  });

  it('that is nowhere is told as such, though the table names the replica that died with it', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await holds(b, id);
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

  it('is not looked for at a replica whose lease is over', async () => {
    const { id } = await givenRunning(installation, b.port);
    await holds(b, id);
    await untilReady(id);
    expect(await installation.replicas.findAgent(id)).toMatchObject({ id: b.id });
    const later = replicaRules({ ...installation.rules, agentKey, clock: () => new Date(Date.now() + 30_000) });
    expect(await later.findAgent(id)).toBeUndefined();
  });
});

describe('a replica that drains', () => {
  it('sends its agents elsewhere within 5 s, and leaves what is open until it ends', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await holds(b, id);
    const cookie = await givenCookie(id);
    const session = await givenExec(b, id, ['cat']);
    const through = await givenExec(a, id, ['cat']);
    line.leadTo(a.port);
    const drained = b.drain();
    await holds(a, id);
    expect(await ask({ ...b, domain: 'x' }, '', '/healthz', { headers: { host: 'gateway' } })).toMatchObject({
      status: 503,
    });
    expect(await ask({ ...a, domain: 'x' }, '', '/healthz', { headers: { host: 'gateway' } })).toMatchObject({
      status: 200,
    });
    expect(await dial(b, id)).toMatchObject({ status: 503 });
    // What was open goes on, by way of the connection that the agent kept for it.
    for (const { socket, replies } of [session, through]) {
      socket.send(JSON.stringify({ type: 'eof' }));
      await expect.poll(replies).toContainEqual({ type: 'exit', code: 0 });
    }
    await drained;
    expect(await appAt(a, cookie)).toBe('hello of demo');
    expect(await installation.replicas.findReplica(b.id)).toBeUndefined();
    expect(await shown(id)).toBe('ready');
  });

  it('ends what is still open after its time, and says why', async () => {
    const c = await installation.givenReplica({ drainMs: 200 });
    const { id, line } = await givenRunning(installation, c.port);
    await holds(c, id);
    const session = await givenExec(c, id, ['sleep', '300']);
    line.leadTo(a.port);
    await c.drain();
    expect(await session.closed).toEqual({ code: 1012, reason: 'The gateway is restarting. Connect again.' });
    await holds(a, id);
  });

  it('takes no agent', async () => {
    const c = await installation.givenReplica();
    const { id, line } = await givenRunning(installation, b.port);
    await holds(b, id);
    await givenExec(c, id, ['sleep', '300']);
    void c.drain();
    line.leadTo(c.port);
    line.cut();
    await expect.poll(() => line.opened()).toBeGreaterThan(3);
    expect(c.gateway.connected()).toEqual([]);
  });
});

describe('a stranger on the port of the replicas', () => {
  let request: PeerRequest;
  beforeEach(async () => {
    const { id } = await givenRunning(installation, b.port);
    await untilReady(id);
    request = { replica: b.id, workspaceId: id, buildId: buildIdOf(id, 1), authority: 'session' };
  });

  /** Asks B for a stream; the status that it answers, 200 for the stream. */
  const asked = async (headers: OutgoingHttpHeaders, authority = 'session') => {
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

  it('gets nothing without a credential of a replica, of this very request, of now', async () => {
    expect(await asked(signed())).toMatchObject({ status: 200 });
    expect(await asked({ 'berth-workspace': request.workspaceId })).toMatchObject({ status: 401 });
    expect(await asked({ ...signed(), 'berth-credential': `${Date.now()}.forged` })).toMatchObject({ status: 401 });
    const foreign = replicaRules({ ...installation.rules, agentKey: 'the key of another installation' });
    expect(await asked(signed({}, foreign))).toMatchObject({ status: 401 });
    expect(await asked(signed({}, shifted(-60_000)))).toMatchObject({ status: 401 });
    expect(await asked(signed({}, shifted(60_000)))).toMatchObject({ status: 401 });
    expect(await asked(signed({ replica: a.id }))).toMatchObject({ status: 401 });
    expect(await asked(signed({ authority: 'app.web' }))).toMatchObject({ status: 401 });
    const other = { 'berth-workspace': 'ws-01jd000000000000000000000a' };
    expect(await asked({ ...signed(), ...other })).toMatchObject({ status: 401 });
    expect(await asked({ ...signed(), 'berth-build': buildIdOf(request.workspaceId, 2) })).toMatchObject({
      status: 401,
    });
  });

  it('is handed no agent of an older build', async () => {
    expect(await asked(signed({ buildId: buildIdOf(request.workspaceId, 2) }))).toMatchObject({ status: 404 });
  });

  it('cannot make one credential say two things', async () => {
    const { signPeerRequest: signPeer, isSignedPeerRequest: isFromPeer } = installation.replicas;
    const odd = { replica: 'r', workspaceId: 'ws', buildId: 'ws-1', authority: 'session\nx' };
    expect(isFromPeer(odd, signPeer(odd))).toBe(false);
  });

  it('learns of a peer’s request why the agent refused it', async () => {
    expect(await asked(signed({ authority: 'app.other' }), 'app.other')).toMatchObject({
      status: 502,
      reason: expect.stringContaining('has no such app'),
    });
    const gone = signed({ workspaceId: 'ws-01jd000000000000000000000a' });
    expect(await asked(gone)).toMatchObject({ status: 404 });
  });
});
