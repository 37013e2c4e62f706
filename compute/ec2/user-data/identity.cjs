// Runs as root. The workspace's processes cannot reach the metadata service, because it would give them the instance's
// role. The agent reads the instance's identity document here instead, and nothing else is served.
const http = require('node:http');

const metadata = new URL(process.env.BERTH_METADATA ?? 'http://169.254.169.254');
const port = Number(process.env.BERTH_IDENTITY_PORT ?? 4815);
const allowed = {
  PUT: /^\/latest\/api\/token$/,
  GET: /^\/latest\/dynamic\/instance-identity\/(document|signature)$/,
};
const forwarded = ['x-aws-ec2-metadata-token', 'x-aws-ec2-metadata-token-ttl-seconds'];

const server = http.createServer((request, response) => {
  const { method, url, headers } = request;
  // A page that reaches this port by DNS rebinding sends another host.
  if (!allowed[method]?.test(url) || headers.host !== `127.0.0.1:${server.address().port}`) {
    return response.writeHead(404).end();
  }
  const passed = Object.fromEntries(Object.entries(headers).filter(([name]) => forwarded.includes(name)));
  const upstream = http.request(new URL(url, metadata), { method, headers: passed, timeout: 5_000 });
  upstream.on('response', (received) => {
    response.writeHead(received.statusCode);
    received.pipe(response);
  });
  upstream.on('timeout', () => upstream.destroy(new Error('timeout')));
  upstream.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  upstream.end();
});
server.listen(port, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
