const ownHosts = ['localhost', '127.0.0.1', '0.0.0.0', '[::1]'];
const usualPorts: Record<string, string> = { 'http:': '80', 'https:': '443' };

/**
 * Where a link of a terminal leads; `undefined` for anything but a web page. What a program calls localhost is the
 * workspace, whose ports have addresses of their own: `portUrl` with `{port}` in it.
 */
export const linkTarget = (text: string, portUrl: string | undefined): string | undefined => {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  if (portUrl === undefined || !ownHosts.includes(url.hostname)) return url.href;
  const target = new URL(portUrl.replace('{port}', url.port || (usualPorts[url.protocol] ?? '80')));
  // One by one: a path that begins with `//`, read as an address, would name another host.
  target.pathname = url.pathname;
  target.search = url.search;
  target.hash = url.hash;
  return target.href;
};

export const openLink = (text: string, portUrl: string | undefined): void => {
  const target = linkTarget(text, portUrl);
  if (target !== undefined) window.open(target, '_blank', 'noopener,noreferrer');
};
