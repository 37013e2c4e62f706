import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { agentPath, tunnelProtocol, tunnelVersion } from '../../contracts/agent/wire.ts';
import { cleanUp, givenBerth } from '../testing/harness.ts';

afterEach(cleanUp);

/** What an agent of a running workspace is answered that offers these subprotocols; 101 when it is taken in. */
const dialOffering = async (protocols: string[]): Promise<number> => {
  const berth = await givenBerth();
  const workspace = { id: 'ws-1', build: 'build-1', name: 'demo', owner: 'ada' };
  berth.rules.workspaces.push({
    ...workspace,
    token: 'known',
    status: 'running',
    over: false,
    manifest: { workspace, build: 'build-1', startup: '', startupTimeoutMs: 1, env: {}, dotfiles: '', apps: [] },
  });
  const socket = new WebSocket(`ws://127.0.0.1:${berth.port}${agentPath}`, protocols, {
    headers: { authorization: 'Bearer known' },
  });
  socket.on('error', () => undefined);
  const [, response] = await once(socket, protocols.includes(tunnelProtocol) ? 'open' : 'unexpected-response');
  const status = response?.statusCode ?? 101;
  socket.terminate();
  return status;
};

describe('an agent', () => {
  it('of this version is taken in', async () => {
    expect(await dialOffering([tunnelProtocol])).toBe(101);
  });

  it.each([
    ['before there were any, is told that its build is over, for its workspace to be repaired', [], 410],
    ['that nobody knows, too', ['berth-tunnel.x'], 410],
    [
      'newer than the gateway, is to try again, at the gateway that is to come',
      [`berth-tunnel.${tunnelVersion + 1}`],
      503,
    ],
  ])('of a version %s', async (_, protocols, status) => {
    expect(await dialOffering(protocols)).toBe(status);
  });
});
