import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { agentPath, tunnelProtocol, tunnelVersion } from '../../contracts/agent/wire.ts';
import { cleanUp, givenBerth } from '../testing/harness.ts';

afterEach(cleanUp);

/** The status of the response to an agent that offers these subprotocols; 101 when it is admitted. */
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
  it('of this version is admitted', async () => {
    expect(await dialOffering([tunnelProtocol])).toBe(101);
  });

  it.each([
    ['before versions existed receives 410, so that its workspace is repaired', [], 410],
    ['that is not a number receives 410 too', ['berth-tunnel.x'], 410],
    [
      'newer than the gateway’s receives 503, so that it tries again until it reaches a newer gateway',
      [`berth-tunnel.${tunnelVersion + 1}`],
      503,
    ],
  ])('of a version %s', async (_, protocols, status) => {
    expect(await dialOffering(protocols)).toBe(status);
  });
});
