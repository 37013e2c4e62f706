// An app that reports the requests it receives. http.program.ts runs it in a workspace.
const http = require('node:http');
const { createCipheriv, createHash } = require('node:crypto');
const { existsSync, unlinkSync } = require('node:fs');

const json = (response, value) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));

/** Pseudorandom bytes, the same as in http.program.ts. */
const noise = (bytes) => {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
  return (from) => cipher.update(Buffer.alloc(Math.min(65_536, bytes - from)));
};

const download = (response, bytes) => {
  response.writeHead(200, { 'content-length': bytes });
  const next = noise(bytes);
  let sent = 0;
  const more = () => {
    while (sent < bytes) {
      const chunk = next(sent);
      sent += chunk.length;
      if (!response.write(chunk)) return response.once('drain', more);
    }
    response.end();
  };
  more();
};

const upload = (request, response) => {
  const hash = createHash('sha256');
  let bytes = 0;
  request.on('data', (chunk) => {
    bytes += chunk.length;
    hash.update(chunk);
  });
  request.on('end', () => json(response, { bytes, sha256: hash.digest('hex'), trailers: request.trailers }));
};

const ranged = (request, response) => {
  const whole = Buffer.from('0123456789');
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined) return response.writeHead(200, { 'accept-ranges': 'bytes' }).end(whole);
  response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${whole.length}` });
  response.end(whole.subarray(Number(from), Number(to) + 1));
};

const events = (request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let id = Number(request.headers['last-event-id'] ?? 0);
  const timer = setInterval(() => {
    id += 1;
    response.write(`id: ${id}\ndata: event ${id}\n\n`);
  }, 20);
  response.once('close', () => clearInterval(timer));
};

const trailed = (response) => {
  response.writeHead(200, { trailer: 'x-checksum' });
  response.write('body');
  response.addTrailers({ 'x-checksum': 'abc' });
  response.end();
};

let connections = 0;
const server = http.createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://app');
  if (pathname === '/down') return existsSync('down') ? process.exit(1) : response.end();
  if (pathname === '/download') return download(response, Number(searchParams.get('bytes')));
  if (pathname === '/upload') return upload(request, response);
  if (pathname === '/range') return ranged(request, response);
  if (pathname === '/events') return events(request, response);
  if (pathname === '/trailers') return trailed(response);
  json(response, { connection: request.socket.number, method: request.method, headers: request.headers });
});
server.on('connection', (socket) => {
  connections += 1;
  socket.number = connections;
});
server.on('checkContinue', (request, response) => {
  if (request.headers['x-size'] === 'too large') return response.writeHead(413).end('too large');
  response.writeContinue();
  upload(request, response);
});
if (existsSync('down')) unlinkSync('down');
server.listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');
