// Runs as root. The workspace's processes cannot reach the metadata service, which would give them the machine's role; the
// agent reads here, and only here, which machine this is.
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
  // A page in somebody's browser, sent here by a name of its own, has another host.
  if (!allowed[method]?.test(url) || headers.host !== `127.0.0.1:${server.address().port}`) {
    return response.writeHead(404).end();
  }
  const known = Object.entries(headers).filter(([name]) => forwarded.includes(name));
  const asked = http.request(new URL(url, metadata), { method, headers: Object.fromEntries(known), timeout: 5_000 });
  asked.on('response', (answer) => {
    response.writeHead(answer.statusCode);
    answer.pipe(response);
  });
  asked.on('timeout', () => asked.destroy(new Error('timeout')));
  asked.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  asked.end();
});
server.listen(port, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
