import { expect } from 'vitest';
import { givenAppSession, givenBerth, givenWorkspace, healthOf, untilReady } from './harness.ts';

/** An app that echoes its request, streams, hashes uploads, sets cookies and accepts WebSockets. */
const app = `cat > web.js <<'EOF'
const http = require('http'), crypto = require('crypto')
const server = http.createServer((q, r) => {
  if (q.url === '/stream') { let n = 0; r.writeHead(200, {'content-type': 'text/event-stream'}); const t = setInterval(() => r.write('data: ' + n++ + '\\n\\n'), 50); return r.on('close', () => clearInterval(t)) }
  if (q.url === '/upload') { const h = crypto.createHash('sha256'); let n = 0; q.on('data', d => { n += d.length; h.update(d) }); return q.on('end', () => r.end(n + ' ' + h.digest('hex'))) }
  if (q.url === '/cookies') { r.setHeader('set-cookie', ['a=1; Domain=localhost; Path=/', 'berth-app=stolen', '__Host-berth-app=stolen; Path=/', 'b=2; HttpOnly']); return r.end('ok') }
  r.setHeader('content-type', 'application/json'); r.end(JSON.stringify({ method: q.method, url: q.url, headers: q.headers }))
})
server.on('upgrade', (q, s) => {
  const accept = crypto.createHash('sha1').update(q.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64')
  const hello = Buffer.from(JSON.stringify(q.headers))
  s.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSet-Cookie: berth-app=stolen\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n')
  s.write(Buffer.concat([Buffer.from([0x81, 126, hello.length >> 8, hello.length & 255]), hello]))
  s.on('data', () => {}); s.on('error', () => {})
})
server.listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1')
EOF
$BERTH_NODE web.js > /dev/null 2>&1 &`;

/** The label of its host: the app `web` of ada's workspace `demo1`. */
export const label = 'web--demo1--ada';

/** A gateway with a workspace of ada's in which the app is healthy, and the cookie of her session at it. */
export const givenApp = async (options: Parameters<typeof givenBerth>[0] = {}) => {
  const berth = await givenBerth(options);
  const apps = [{ name: 'web', health: { every: '1s' } }, { name: 'silent' }];
  const workspace = await givenWorkspace(berth, { startup: app, apps });
  await untilReady(berth);
  await expect.poll(() => healthOf(berth)).toContain('web healthy');
  return { berth, workspace, cookie: givenAppSession(berth, label) };
};

/** The request that the app received. */
export const echoed = (body: string): { method: string; url: string; headers: Record<string, string> } =>
  JSON.parse(body);
/** Headers of a browser that opens a page. */
export const navigationHeaders = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };
