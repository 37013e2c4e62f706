const localHosts = ['localhost', '127.0.0.1', '0.0.0.0', '[::1]'];
const defaultPorts: Record<string, string> = { 'http:': '80', 'https:': '443' };

/**
 * The target of a link in a terminal; `undefined` unless it is a web page. localhost means the workspace, whose ports
 * have their own URLs: `portUrl` with `{port}`.
 */
export const linkTarget = (text: string, portUrl: string | undefined): string | undefined => {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  if (portUrl === undefined || !localHosts.includes(url.hostname)) return url.href;
  const target = new URL(portUrl.replace('{port}', url.port || (defaultPorts[url.protocol] ?? '80')));
  // Set one by one: parsed as a URL, a path that begins with `//` would name another host.
  target.pathname = url.pathname;
  target.search = url.search;
  target.hash = url.hash;
  return target.href;
};

export const openLink = (text: string, portUrl: string | undefined): void => {
  const target = linkTarget(text, portUrl);
  if (target !== undefined) window.open(target, '_blank', 'noopener,noreferrer');
};
