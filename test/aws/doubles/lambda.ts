import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { type Loopback, listen } from './loopback.ts';

/** The deployed functions by name. An error that one throws is returned as Lambda returns it. */
export type Functions = Record<string, (event: unknown) => Promise<unknown>>;

const prefix = 'arn:aws:lambda:eu-central-1:123456789012:function:';
export const functionArn = (name: string): string => `${prefix}${name}`;

const respond = (response: ServerResponse, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body ?? null));

const invoke = async (functions: Functions, request: IncomingMessage, response: ServerResponse) => {
  const path = decodeURIComponent(request.url ?? '');
  const name = /^\/2015-03-31\/functions\/(?:arn:aws:lambda:[^/]*:function:)?([^/]+)\/invocations$/.exec(path)?.[1];
  const run = functions[name ?? ''];
  if (run === undefined) return response.writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException' }).end('{}');
  const event = await json(request);
  try {
    return respond(response, await run(event));
  } catch (error) {
    const { name: errorType, message: errorMessage } = error as Error;
    return respond(response, { errorType, errorMessage, trace: [] }, { 'x-amz-function-error': 'Unhandled' });
  }
};

/** Serves Lambda's Invoke API on loopback with functions of this process. */
export const startLambda = (functions: () => Functions): Promise<Loopback> =>
  listen((request, response) => {
    invoke(functions(), request, response).catch((error: unknown) => response.destroy(error as Error));
  });
