import type { Agent } from 'node:http';
import { getProxyForUrl } from 'proxy-from-env';

/**
 * The proxy for a URL of Berth or the identity provider, from `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, unless
 * `NO_PROXY` contains the host. Loopback is never requested through a proxy, as users of Go programs expect.
 */
const proxyFor = (url: string): URL | undefined => {
  const { hostname, href } = new URL(url.replace(/^ws/, 'http'));
  if (/^(localhost|.+\.localhost|127\..+|\[::1\])$/.test(hostname)) return undefined;
  const proxy = getProxyForUrl(href);
  return URL.canParse(proxy) ? new URL(proxy) : undefined;
};

/** A hint about the proxy for the error about an unreachable URL. It does not contain the proxy's password. */
export const proxyHint = (url: string): string => {
  const proxy = proxyFor(url);
  return proxy === undefined ? '' : ` The request went through the proxy ${proxy.host} (HTTPS_PROXY, NO_PROXY).`;
};

const urlOf = (input: Parameters<typeof fetch>[0]): string => (input instanceof Request ? input.url : String(input));

/** `fetch` through the proxy, if any. The proxy library is loaded on demand, because ssh waits for each CLI start. */
export const networkFetch: typeof fetch = async (input, init) => {
  const proxy = proxyFor(urlOf(input));
  if (proxy === undefined) return fetch(input, init);
  const { fetchThrough } = await import('./proxied-fetch.ts');
  return fetchThrough(proxy, input, init);
};

/** The WebSocket options that connect through the proxy; empty without a proxy. */
export const webSocketOptions = async (url: string): Promise<{ agent?: Agent }> => {
  const proxy = proxyFor(url);
  if (proxy === undefined) return {};
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  return { agent: new HttpsProxyAgent(proxy) };
};
