import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { givenProgram, type Program, responseOf, shippedTemplate, stepDurationMs, textOf } from './given-program.ts';

let lab: Program;
let cookie: string;
let xsrf: string;
beforeAll(async () => {
  lab = await givenProgram(shippedTemplate('jupyter'), 'jupyter', 'lab', 9);
  cookie = await lab.signIn();
  const page = await responseOf(lab.request('/lab', { headers: { cookie } }).end());
  expect(page.statusCode).toBe(200);
  const own = page.headers['set-cookie']?.find((one) => one.startsWith('_xsrf=')) ?? '';
  cookie = `${cookie}; ${own.split(';')[0]}`;
  xsrf = /^_xsrf=([^;]*)/.exec(own)?.[1] ?? '';
});
afterAll(() => lab?.berth.end());

const api = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const origin = `http://${lab.host}`;
  const sent = lab.request(path, { method, headers: { cookie, origin, 'x-xsrftoken': xsrf, ...headers } });
  const responseBody = await textOf(sent.end(body === undefined ? undefined : JSON.stringify(body)));
  return responseBody === '' ? undefined : JSON.parse(responseBody);
};

/** Runs code in a kernel over the WebSocket that notebooks use. Returns what it printed. */
const run = async (kernel: string, code: string): Promise<string> => {
  const socket = new WebSocket(`${lab.berth.url.replace('http', 'ws')}/api/kernels/${kernel}/channels`, {
    headers: { host: lab.host, cookie, origin: `http://${lab.host}` },
  });
  const id = randomUUID();
  const header = { msg_id: id, msg_type: 'execute_request', session: randomUUID(), username: 'ada', version: '5.3' };
  const content = { code, silent: false, store_history: false, user_expressions: {}, allow_stdin: false };
  socket.on('open', () => {
    socket.send(JSON.stringify({ header, parent_header: {}, metadata: {}, content, channel: 'shell' }));
  });
  let printed = '';
  // The reply and the output arrive over two channels of the kernel in any order, and each reports its end.
  const pending = new Set(['execute_reply', 'idle']);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString());
      if (message.parent_header.msg_id !== id) return;
      if (message.msg_type === 'stream') printed += message.content.text;
      if (message.msg_type === 'error') reject(new Error(message.content.evalue));
      pending.delete(message.msg_type === 'status' ? message.content.execution_state : message.msg_type);
      if (pending.size > 0) return;
      socket.close();
      resolve(printed);
    });
  });
};

test('it does not ask whether to fetch news', async () => {
  const { schema } = await api('GET', '/lab/api/settings/@jupyterlab/apputils-extension:notification');
  expect(schema.properties.fetchNews.default).toBe('false');
});

test('a kernel runs code over its WebSocket', async () => {
  const kernel = await api('POST', '/api/kernels', { name: 'python3' });
  expect(await run(kernel.id, 'print(6*7)')).toBe('42\n');
  expect(await run(kernel.id, 'import os; print({k for k in os.environ if "TOKEN" in k})')).toBe('set()\n');
  await api('DELETE', `/api/kernels/${kernel.id}`);
});

test('a notebook is saved, renamed and read again', async () => {
  const created = await api('POST', '/api/contents', { type: 'notebook' });
  const cells = [{ cell_type: 'markdown', id: 'first', metadata: {}, source: 'Grüße 👋' }];
  const content = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
  await api('PUT', `/api/contents/${created.path}`, { type: 'notebook', format: 'json', content });
  await api('PATCH', `/api/contents/${created.path}`, { path: 'kept.ipynb' });
  const renamed = await api('GET', '/api/contents/kept.ipynb');
  expect(renamed.content.cells[0].source).toBe('Grüße 👋');
});

test('its own protection against cross-site requests stays on', async () => {
  const refused = await api('POST', '/api/kernels', { name: 'python3' }, { 'x-xsrftoken': '' });
  expect(refused.message).toContain('_xsrf');
});

test('after a stop and a start it has its files and installs nothing', async () => {
  await lab.stop();
  await lab.start();
  await lab.waitForHealth('healthy');
  expect((await api('GET', '/api/contents/kept.ipynb')).name).toBe('kept.ipynb');
  expect(stepDurationMs(await lab.step(3, 'startup'))).toBeLessThan(stepDurationMs(await lab.step(1, 'startup')) / 4);
});
