import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type ListeningPorts, sessionPath } from '../../../contracts/sessions/session.ts';
import { givenBerth, type TestBerth, untilStatus } from '../../support/berth.ts';
import { givenExec } from '../../support/clients/exec.ts';
import { freePort } from '../../support/free-port.ts';

let berth: TestBerth;
let workspace: string;
let quiet: string;
beforeAll(async () => {
  berth = await givenBerth({ activityEveryMs: 100 });
  ({ id: workspace } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } }));
  ({ id: quiet } = await berth.as('ada').createWorkspace({ body: { name: 'quiet', template: 'plain' } }));
  for (const id of [workspace, quiet]) await untilStatus(berth.as('ada'), id, 'running');
});
afterAll(() => berth.end());

const connect = (person: 'ada' | 'linus', to = workspace) =>
  new WebSocket(berth.url.replace('http', 'ws') + sessionPath(to, 'ports'), {
    headers: { authorization: `Bearer ${berth.tokenOf(person)}` },
  });

test('the listening ports of the workspace’s own processes are reported as they change, and no others', async () => {
  const socket = connect('ada');
  let ports: number[] | undefined;
  socket.on('message', (data: Buffer) => {
    ({ ports } = JSON.parse(data.toString()) as ListeningPorts);
  });
  await expect.poll(() => ports).toEqual([]);
  const port = await freePort();
  const script = `require('node:net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`;
  const server = await givenExec(berth, workspace, [process.execPath, '-e', script]);
  await expect.poll(() => server.output()).toContain('up');
  // Berth itself listens on this machine, in the same network.
  await expect.poll(() => ports).toEqual([port]);
  server.close();
  await expect.poll(() => ports).toEqual([]);
  socket.close();
  await once(socket, 'close');
});

test('watching the listening ports does not count as activity', async () => {
  const socket = connect('ada', quiet);
  await once(socket, 'message');
  const lastActivity = async (id: string) =>
    (await berth.as('ada').getWorkspace({ params: { workspace: id } })).lastActivityAt;
  // By then, real activity has been recorded.
  const shell = await givenExec(berth, workspace, ['cat']);
  shell.write('x');
  await expect.poll(() => lastActivity(workspace)).toBeDefined();
  expect(socket.readyState).toBe(WebSocket.OPEN);
  expect(await lastActivity(quiet)).toBeUndefined();
  shell.close();
  socket.close();
});

test('the listening ports are hidden from people without access to the workspace', async () => {
  const socket = connect('linus');
  const [, response] = await once(socket, 'unexpected-response');
  expect(response.statusCode).toBe(404);
  socket.on('error', () => undefined);
  socket.terminate();
});
