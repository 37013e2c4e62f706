import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import { cleanAnswer } from './app-answer.ts';
import { type LinkHttpAgent, StreamHttpAgent } from './http-agents.ts';
import { passTrailers } from './trailers.ts';

/** What the gateway itself says in the answer to a session's upgrade. */
const ownHeaders = new WeakMap<IncomingMessage, Record<string, string>>();

/** All that an agent says there: the answer comes from the portal's origin, where it would set cookies and more. */
const ofHandshake = ['connection', 'upgrade', 'sec-websocket-accept', 'sec-websocket-protocol'];
const ofRefusal = ['content-length', 'transfer-encoding', 'content-type'];

const confineAgent = (answer: IncomingMessage, own: Record<string, string>): void => {
  const said = [...ofHandshake, ...ofRefusal].map((name) => [name, answer.headers[name]]);
  answer.headers = Object.fromEntries([...said.filter(([, value]) => value !== undefined), ...Object.entries(own)]);
};

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
    const own = ownHeaders.get(asked);
    if (own !== undefined) confineAgent(answer, own);
  };
  // Before httpxy's own listeners, which write the answer's headers to the browser.
  request.prependListener('upgrade', answered);
  request.prependListener('response', answered);
});

/** The agent decides where a connection leads; the name is never looked up. */
const target = new URL('http://app.invalid');

/** Passes a request on through the tunnel, streaming both ways. Throws when no answer could be had. */
export const proxyRequest = (request: IncomingMessage, response: ServerResponse, agent: LinkHttpAgent): Promise<void> =>
  proxy.web(request, response, { target, agent });

/**
 * Passes an upgrade on to an open stream; the two ends live and die together. With `headers` it is a session's, whose
 * answer says these and the handshake, and nothing else of the agent's.
 */
export const proxyUpgrade = async (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  stream: Duplex,
  headers?: Record<string, string>,
): Promise<void> => {
  if (headers !== undefined) ownHeaders.set(request, headers);
  socket.once('close', () => stream.destroy());
  stream.once('close', () => {
    // Ends after what was written is sent; a socket that is no net.Socket cannot say when that is.
    if ('destroySoon' in socket && typeof socket.destroySoon === 'function') socket.destroySoon();
    else socket.destroy();
  });
  await proxy.ws(request, socket as Socket, { target, agent: new StreamHttpAgent(stream) }, head);
};
