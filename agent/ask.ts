import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';

export interface Asked {
  method?: 'GET' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: string;
}

const patienceMs = 10_000;

/**
 * One request with its whole answer, of at most `limit` characters, within 10 s. Not `fetch`, which would cost an idle
 * agent several MB.
 */
export const ask = (url: URL, { method = 'GET', headers = {}, body }: Asked = {}, limit = 16_384) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const sent = send(url, { method, headers, agent: false, signal: AbortSignal.timeout(patienceMs) });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > limit) response.destroy(new Error(`${url.host} answered more than ${limit} bytes`));
      });
      text(response).then((whole) => resolve({ status: response.statusCode ?? 0, body: whole }), reject);
    });
    sent.end(body);
  });
