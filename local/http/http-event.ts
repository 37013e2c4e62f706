import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { maxBodyBytes } from '../../functions/api/body.ts';

/** The limit up to which an oversized body is read: a client that is still sending would not see the response. */
const discardedBytes = 16 * 1024 * 1024;

/** Returns at most one byte more than the limit, so that the handler can report that the body is too large. */
const readBody = (request: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = () =>
      resolve(
        Buffer.concat(chunks)
          .subarray(0, maxBodyBytes + 1)
          .toString('latin1'),
      );
    request.on('data', (chunk: Buffer) => {
      if (size <= maxBodyBytes) chunks.push(chunk);
      size += chunk.length;
      if (size > discardedBytes) done();
    });
    request.on('end', done);
    request.on('error', reject);
    // A request that is aborted after its response emits no error, only `close`.
    request.on('close', () => reject(new Error('The request was aborted before its body was complete.')));
  });

const headersOf = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  );

/** Converts a request to the event that API Gateway's HTTP API (payload format 2.0) passes to Lambda. */
export const toEvent = async (request: IncomingMessage): Promise<APIGatewayProxyEventV2> => {
  const url = request.url ?? '/';
  const path = url.split('?', 1)[0] ?? '/';
  const rawQueryString = url.slice(path.length + 1);
  const body = await readBody(request);
  const method = request.method ?? 'GET';
  const requestId = randomUUID();
  const now = Date.now();
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString,
    headers: headersOf(request),
    queryStringParameters: Object.fromEntries(new URLSearchParams(rawQueryString)),
    ...(body === '' ? {} : { body: Buffer.from(body, 'latin1').toString('base64') }),
    isBase64Encoded: body !== '',
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: request.headers.host ?? '',
      domainPrefix: '',
      http: {
        method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: new Date(now).toISOString(),
      timeEpoch: now,
    },
  };
};

/** Responds like API Gateway. If the request's body was not read completely, the connection is closed. */
export const sendResult = (
  request: IncomingMessage,
  response: ServerResponse,
  result: APIGatewayProxyStructuredResultV2,
): void => {
  const headers = Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)] as const);
  for (const [name, value] of headers) response.setHeader(name, value);
  if (!request.complete) response.setHeader('connection', 'close');
  response.writeHead(result.statusCode ?? 200);
  response.end(result.body);
};
