import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import { hostKeyHeader } from '../contracts/wire.ts';
import { cleanAnswer, passTrailers } from './app-answer.ts';
import { StreamAgent, type TunnelAgent } from './tunnel-agent.ts';

/** What the gateway itself says in the answer to an upgrade. */
const ownHeaders = new WeakMap<IncomingMessage, Record<string, string>>();

/** Interim answers (100, 103) of one request. Each costs the gateway as much as a request, and an app could send millions. */
const mostHints = 64;

const proxy = createProxyServer({ xfwd: false });
proxy.on('proxyReq', (asked, request) => {
  passTrailers(request, asked);
  let hints = 0;
  asked.on('information', () => {
    hints += 1;
    if (hints > mostHints) asked.destroy(new Error('the app only ever hints at an answer'));
  });
  // Nobody asked for it, and whoever waits for an answer would wait for ever.
  asked.once('upgrade', (_, socket) => {
    socket.destroy();
    asked.emit('error', new Error('the app switched protocols unasked'));
  });
});
proxy.on('proxyRes', (answer, _, response) => {
  cleanAnswer(answer);
  passTrailers(answer, response);
});
proxy.on('proxyReqWs', (request, asked) => {
  const answered = (answer: IncomingMessage) => {
    cleanAnswer(answer);
    // The gateway's word alone: an agent that could say it would speak for another workspace's SSH server.
    delete answer.headers[hostKeyHeader];
    Object.assign(answer.headers, ownHeaders.get(asked));
  };
  // Before httpxy's own listeners, which write the answer's headers to the browser.
  request.prependListener('upgrade', answered);
  request.prependListener('response', answered);
});

/** The agent decides where a connection leads; the name is never looked up. */
const target = new URL('http://app.invalid');

/** Passes a request on through the tunnel, streaming both ways. Throws when no answer could be had. */
export const proxyRequest = (request: IncomingMessage, response: ServerResponse, agent: TunnelAgent): Promise<void> =>
  proxy.web(request, response, { target, agent });

/** Passes an upgrade on to an open stream; the two ends live and die together. `headers` stand in the answer. */
export const proxyUpgrade = async (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  stream: Duplex,
  headers: Record<string, string> = {},
): Promise<void> => {
  ownHeaders.set(request, headers);
  socket.once('close', () => stream.destroy());
  stream.once('close', () => {
    // Ends after what was written is sent; a socket that is no net.Socket cannot say when that is.
    if ('destroySoon' in socket && typeof socket.destroySoon === 'function') socket.destroySoon();
    else socket.destroy();
  });
  await proxy.ws(request, socket as Socket, { target, agent: new StreamAgent(stream) }, head);
};
