import { expect, test } from 'vitest';
import { clientOptions } from './client-options.ts';
import { parseReference, sshHost } from './host.ts';

test.each([
  ['demo', 'demo'],
  ['demo.berth', 'demo'],
  ['demo--ada.berth', 'demo--ada'],
  ['ws-01m7yqhmspq7zwn16e0cxhw297', 'ws-01m7yqhmspq7zwn16e0cxhw297'],
])('%s names the workspace %s', (text, reference) => {
  expect(parseReference(text)).toBe(reference);
  expect(sshHost(reference)).toBe(`${reference}.berth`);
});

test.each([
  '',
  '.berth',
  "a';touch x;'",
  'a\nb',
  'a b',
  '$(touch x)',
  '-oProxyCommand=x',
  'Demo',
  'a---b',
  '%h',
  '*',
  'a/../b',
])('%j is refused before it reaches a file, a shell or a URL', (text) => {
  expect(() => parseReference(text)).toThrow('Invalid workspace name');
});

test.each([
  'http://berth.example/\nProxyCommand touch',
  "http://berth.example/'x'",
  'http://berth.example/%h',
  'http://berth.example/$(x)',
  'http://berth.example/"',
])('the URL %j is refused before it reaches the configuration', (url) => {
  expect(() => clientOptions(url, '%h')).toThrow('does not allow');
});

test('paths with special characters reach the shell and ssh unchanged', () => {
  const before = process.argv[1];
  const configFolder = process.env['XDG_CONFIG_HOME'];
  try {
    process.argv[1] = "/home/José/o'brien/100% $HOME/berth";
    process.env['XDG_CONFIG_HOME'] = "/home/José/o'brien/100% $HOME";
    const options = Object.fromEntries(clientOptions('https://berth.example', '%h'));
    expect(options['ProxyCommand']).toContain(`'/home/José/o'\\''brien/100%% $HOME/berth' 'ssh' '--stdio' '%h'`);
    expect(options['UserKnownHostsFile']).toMatch(/^"\/home\/José\/o'brien\/100%% \$HOME\/berth\/ssh\/known_hosts-/);
    process.env['XDG_CONFIG_HOME'] = '/home/${x}';
    expect(() => clientOptions('https://berth.example', '%h')).toThrow('Set XDG_CONFIG_HOME to another folder');
    process.argv[1] = '/home/a\nProxyCommand touch';
    expect(() => clientOptions('https://berth.example', '%h')).toThrow('contains a line end');
  } finally {
    process.argv[1] = before ?? '';
    if (configFolder === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = configFolder;
  }
});

test('a URL with a password is refused', () => {
  expect(() => clientOptions('https://ada:secret@berth.example', '%h')).toThrow('berth login');
});

test('the ProxyCommand contains the URL but no token', () => {
  process.env['BERTH_TOKEN'] = 'berth_secret';
  const [[name, command] = []] = clientOptions('https://berth.example:8443', '%h');
  expect(name).toBe('ProxyCommand');
  expect(command).toMatch(/^env BERTH_URL='https:\/\/berth\.example:8443' '.+' 'ssh' '--stdio' '%h'$/);
  expect(command).not.toContain('secret');
});

test('ssh disconnects 45 s after the network is lost, as docs/ssh.md says', () => {
  const { ServerAliveInterval, ServerAliveCountMax } = Object.fromEntries(clientOptions('https://b.example.com', '%h'));
  // ssh sends one keep-alive per interval and does not count the first one without a response.
  expect(Number(ServerAliveInterval) * (Number(ServerAliveCountMax) + 1)).toBe(45);
});
