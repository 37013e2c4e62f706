import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach } from 'vitest';

export interface AwsRequest {
  /** `AWSStepFunctions.StartExecution`, or method and path where the protocol names no operation. */
  operation: string;
  body: Record<string, unknown>;
}

export type AwsResponse = { status?: number; headers?: Record<string, string>; body?: unknown };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last();
});

/** A double of every AWS service: records requests and returns the responses of `respond`, by default `{}`. */
export const givenAws = async (respond: (request: AwsRequest) => AwsResponse = () => ({})) => {
  const requests: AwsRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const body = JSON.parse((await text(incoming)) || '{}') as Record<string, unknown>;
    const target = incoming.headers['x-amz-target'];
    const request = { operation: String(target ?? `${incoming.method} ${incoming.url}`), body };
    requests.push(request);
    const { status = 200, headers = {}, body: content = {} } = respond(request);
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...headers })
      .end(JSON.stringify(content));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, requests };
};
