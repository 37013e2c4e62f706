import { request as requestHttp } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';

/** Where a cluster's API server is, and how to authenticate to it. */
export interface KubernetesAccess {
  /** Origin of the API server. */
  endpoint: string;
  /**
   * Called before each request. Returns the `agent` with the cluster's certificate authority, and the headers that
   * authenticate the request. (Node's fetch does not accept a certificate authority.)
   */
  connect?: () => Promise<Pick<RequestOptions, 'agent' | 'headers' | 'auth'>>;
}

export interface HttpRequest {
  method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  path: string;
  contentType?: string;
  body?: string;
}

export interface HttpResponse {
  status: number;
  retryAfterSeconds: number | undefined;
  body: string;
}

/** Rejects when the whole response has not arrived before the timeout. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

export const sendTo = ({ endpoint, connect }: KubernetesAccess, timeoutMs: number): Send => {
  const open = endpoint.startsWith('http:') ? requestHttp : requestHttps;
  return async ({ method, path, contentType, body }) => {
    const { headers, ...options } = (await connect?.()) ?? {};
    const entity = body === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
    const signal = AbortSignal.timeout(timeoutMs);
    return new Promise((resolve, reject) => {
      const request = open(new URL(path, endpoint), {
        ...options,
        method,
        signal,
        headers: { ...headers, accept: 'application/json', ...entity },
      });
      request.once('error', reject);
      request.once('response', (response) => {
        const retryAfter = Number(response.headers['retry-after']);
        const retryAfterSeconds = Number.isFinite(retryAfter) ? retryAfter : undefined;
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, retryAfterSeconds, body }), reject);
      });
      request.end(body);
    });
  };
};
