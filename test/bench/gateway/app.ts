import { createServer, type ServerResponse } from 'node:http';

/**
 * The app in the workspace: `node app.ts PORT`. `/bytes/N` responds with N bytes, `/swallow` counts the bytes of the
 * request body, every other path responds with one word.
 */
const chunk = Buffer.alloc(64 * 1024, 'berth');

const sendBytes = (response: ServerResponse, count: number): void => {
  response.writeHead(200, { 'content-length': count });
  let left = count;
  const more = (): void => {
    while (left > 0) {
      const bytes = left < chunk.length ? chunk.subarray(0, left) : chunk;
      left -= bytes.length;
      if (!response.write(bytes)) return void response.once('drain', more);
    }
    response.end();
  };
  more();
};

const server = createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
  const bytes = /^\/bytes\/(\d+)$/.exec(request.url ?? '')?.[1];
  if (bytes !== undefined) return sendBytes(response, Number(bytes));
  if (request.url !== '/swallow') return void response.end('hello');
  let count = 0;
  request.on('data', (data: Buffer) => {
    count += data.length;
  });
  request.on('end', () => response.end(String(count)));
});
server.listen(Number(process.argv[2]), '127.0.0.1');
