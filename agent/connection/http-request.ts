import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';

interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: string;
}

const timeoutMs = 10_000;

/**
 * Sends one HTTP request and reads the whole response, of at most `maxBytes`, within 10 s. It does not use `fetch`,
 * which would cost an idle agent several MB.
 */
export const sendRequest = (url: URL, { method = 'GET', headers = {}, body }: RequestOptions = {}, maxBytes = 16_384) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(url, { method, headers, agent: false, signal: AbortSignal.timeout(timeoutMs) });
    request.on('error', reject);
    request.on('response', (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > maxBytes) response.destroy(new Error(`the response of ${url.host} exceeds ${maxBytes} bytes`));
      });
      text(response).then((content) => resolve({ status: response.statusCode ?? 0, body: content }), reject);
    });
    request.end(body);
  });
