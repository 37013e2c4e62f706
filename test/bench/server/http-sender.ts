import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { BenchServer } from './fixture.ts';

/** Sends one request as ada and resolves with the response body. Rejects unless the request succeeds. */
export type Send = (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => Promise<string>;

/** A minimal client over kept-alive connections, so that it uses little of the CPU it measures. */
export const httpSender = ({ url, token }: Pick<BenchServer, 'url' | 'token'>): Send => {
  const agent = new Agent({ keepAlive: true });
  const authorization = `Bearer ${token}`;
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const content = body === undefined ? undefined : JSON.stringify(body);
      const headers = { authorization, ...(content === undefined ? {} : { 'content-type': 'application/json' }) };
      const sent = request(url + path, { agent, method, headers }, (response) => {
        const { statusCode = 0 } = response;
        text(response).then((responseBody) => {
          if (statusCode >= 200 && statusCode < 300) resolve(responseBody);
          else reject(new Error(`${method} ${path} returned ${statusCode}: ${responseBody}`));
        }, reject);
      });
      sent.on('error', reject);
      sent.end(content);
    });
};
