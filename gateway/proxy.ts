import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import { confine } from './cookies.ts';
import { StreamAgent, type TunnelAgent } from './tunnel-agent.ts';

const confineCookies = ({ headers }: IncomingMessage): void => {
  const cookies = headers['set-cookie'];
  if (cookies === undefined) return;
  const kept = confine(cookies);
  if (kept.length > 0) headers['set-cookie'] = kept;
  else delete headers['set-cookie'];
};

const proxy = createProxyServer({ xfwd: false });
proxy.on('proxyRes', confineCookies);
proxy.on('proxyReqWs', (request) => {
  // Before httpxy's own listeners, which write the answer's headers to the browser.
  request.prependListener('upgrade', confineCookies);
  request.prependListener('response', confineCookies);
});

/** The agent decides where a connection leads; the name is never looked up. */
const target = 'http://app.invalid';

/** Passes a request on through the tunnel, streaming both ways. Throws when no answer could be had. */
export const proxyRequest = (request: IncomingMessage, response: ServerResponse, agent: TunnelAgent): Promise<void> =>
  proxy.web(request, response, { target, agent });

/** Passes an upgrade on to an open stream; the two ends live and die together. */
export const proxyUpgrade = async (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  stream: Duplex,
): Promise<void> => {
  socket.once('close', () => stream.destroy());
  stream.once('close', () => {
    // Ends after what was written is sent; a socket that is no net.Socket cannot say when that is.
    if ('destroySoon' in socket && typeof socket.destroySoon === 'function') socket.destroySoon();
    else socket.destroy();
  });
  await proxy.ws(request, socket as Socket, { target, agent: new StreamAgent(stream) }, head);
};
