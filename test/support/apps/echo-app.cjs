// An app that tells every header that reached it, as it came, and answers with the headers that it is asked for.
const http = require('node:http');
const { createHash } = require('node:crypto');

const server = http.createServer((asked, answer) => {
  const { pathname, searchParams } = new URL(asked.url, 'http://app');
  for (const cookie of searchParams.getAll('cookie')) answer.appendHeader('set-cookie', cookie);
  asked.resume();
  asked.on('end', () => {
    const told = JSON.stringify({ url: asked.url, headers: asked.rawHeaders, trailers: asked.rawTrailers });
    if (pathname !== '/events') return answer.end(told);
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.end(`data: ${told}\n\n`);
  });
});
server.on('upgrade', (asked, socket) => {
  const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  const accept = createHash('sha1')
    .update(asked.headers['sec-websocket-key'] + guid)
    .digest('base64');
  const { searchParams } = new URL(asked.url, 'http://app');
  const cookies = searchParams.getAll('cookie').map((cookie) => `Set-Cookie: ${cookie}\r\n`);
  const hello = Buffer.from(JSON.stringify({ headers: asked.rawHeaders }));
  socket.on('error', () => socket.destroy());
  socket.write(
    `HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${cookies.join('')}\r\n`,
  );
  socket.write(Buffer.concat([Buffer.from([0x81, 126, hello.length >> 8, hello.length & 255]), hello]));
  socket.end(Buffer.from([0x88, 0]));
});
server.listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');
