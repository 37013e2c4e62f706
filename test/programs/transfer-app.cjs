// An app that shows what reached it, run in a workspace by http.program.ts.
const http = require('node:http');
const { createCipheriv, createHash } = require('node:crypto');
const { existsSync, unlinkSync } = require('node:fs');

const json = (answer, value) =>
  answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));

/** Bytes that repeat nowhere, the same for all who know how. */
const noise = (bytes) => {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
  return (from) => cipher.update(Buffer.alloc(Math.min(65_536, bytes - from)));
};

const download = (answer, bytes) => {
  answer.writeHead(200, { 'content-length': bytes });
  const next = noise(bytes);
  let sent = 0;
  const more = () => {
    while (sent < bytes) {
      const piece = next(sent);
      sent += piece.length;
      if (!answer.write(piece)) return answer.once('drain', more);
    }
    answer.end();
  };
  more();
};

const upload = (asked, answer) => {
  const hash = createHash('sha256');
  let bytes = 0;
  asked.on('data', (piece) => {
    bytes += piece.length;
    hash.update(piece);
  });
  asked.on('end', () => json(answer, { bytes, sha256: hash.digest('hex'), trailers: asked.trailers }));
};

const ranged = (asked, answer) => {
  const whole = Buffer.from('0123456789');
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(asked.headers.range ?? '') ?? [];
  if (from === undefined) return answer.writeHead(200, { 'accept-ranges': 'bytes' }).end(whole);
  answer.writeHead(206, { 'content-range': `bytes ${from}-${to}/${whole.length}` });
  answer.end(whole.subarray(Number(from), Number(to) + 1));
};

const events = (asked, answer) => {
  answer.writeHead(200, { 'content-type': 'text/event-stream' });
  let id = Number(asked.headers['last-event-id'] ?? 0);
  const timer = setInterval(() => {
    id += 1;
    answer.write(`id: ${id}\ndata: event ${id}\n\n`);
  }, 20);
  answer.once('close', () => clearInterval(timer));
};

const trailed = (answer) => {
  answer.writeHead(200, { trailer: 'x-checksum' });
  answer.write('body');
  answer.addTrailers({ 'x-checksum': 'abc' });
  answer.end();
};

let connections = 0;
const server = http.createServer((asked, answer) => {
  const { pathname, searchParams } = new URL(asked.url, 'http://app');
  if (pathname === '/down') return existsSync('down') ? process.exit(1) : answer.end();
  if (pathname === '/download') return download(answer, Number(searchParams.get('bytes')));
  if (pathname === '/upload') return upload(asked, answer);
  if (pathname === '/range') return ranged(asked, answer);
  if (pathname === '/events') return events(asked, answer);
  if (pathname === '/trailers') return trailed(answer);
  json(answer, { connection: asked.socket.number, method: asked.method, headers: asked.headers });
});
server.on('connection', (socket) => {
  connections += 1;
  socket.number = connections;
});
server.on('checkContinue', (asked, answer) => {
  if (asked.headers['x-size'] === 'too large') return answer.writeHead(413).end('too large');
  answer.writeContinue();
  upload(asked, answer);
});
if (existsSync('down')) unlinkSync('down');
server.listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');
