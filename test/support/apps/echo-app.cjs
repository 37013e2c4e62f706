// Responds with every header of the request, unchanged, and sets the cookies that the query names.
const http = require('node:http');
const { createHash } = require('node:crypto');

const server = http.createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://app');
  for (const cookie of searchParams.getAll('cookie')) response.appendHeader('set-cookie', cookie);
  request.resume();
  request.on('end', () => {
    const report = JSON.stringify({ url: request.url, headers: request.rawHeaders, trailers: request.rawTrailers });
    if (pathname !== '/events') return response.end(report);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${report}\n\n`);
  });
});
server.on('upgrade', (request, socket) => {
  const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  const accept = createHash('sha1')
    .update(request.headers['sec-websocket-key'] + guid)
    .digest('base64');
  const { searchParams } = new URL(request.url, 'http://app');
  const cookies = searchParams.getAll('cookie').map((cookie) => `Set-Cookie: ${cookie}\r\n`);
  const hello = Buffer.from(JSON.stringify({ headers: request.rawHeaders }));
  socket.on('error', () => socket.destroy());
  socket.write(
    `HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${cookies.join('')}\r\n`,
  );
  socket.write(Buffer.concat([Buffer.from([0x81, 126, hello.length >> 8, hello.length & 255]), hello]));
  socket.end(Buffer.from([0x88, 0]));
});
server.listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');
