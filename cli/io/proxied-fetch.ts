import { ProxyAgent, type RequestInfo, type RequestInit, fetch as undiciFetch } from 'undici';

const agents = new Map<string, ProxyAgent>();

const agentOf = ({ href }: URL): ProxyAgent => {
  const agent = agents.get(href) ?? new ProxyAgent(href);
  agents.set(href, agent);
  return agent;
};

/** `fetch` through a proxy, with a CONNECT tunnel for plain http URLs too. */
export const fetchThrough = async (
  proxy: URL,
  input: Parameters<typeof fetch>[0],
  init: Parameters<typeof fetch>[1],
): Promise<Response> => {
  const options = { ...(init as RequestInit), dispatcher: agentOf(proxy) };
  return (await undiciFetch(input as RequestInfo, options)) as unknown as Response;
};
