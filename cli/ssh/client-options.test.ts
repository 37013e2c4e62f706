import { expect, test } from 'vitest';
import { clientOptions } from './client-options.ts';
import { hostOf, referenceIn } from './host.ts';

test.each([
  ['demo', 'demo'],
  ['demo.berth', 'demo'],
  ['demo--ada.berth', 'demo--ada'],
  ['ws-01m7yqhmspq7zwn16e0cxhw297', 'ws-01m7yqhmspq7zwn16e0cxhw297'],
])('%s names the workspace %s', (text, reference) => {
  expect(referenceIn(text)).toBe(reference);
  expect(hostOf(reference)).toBe(`${reference}.berth`);
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
])('%j gets into no file, no shell and no address', (text) => {
  expect(() => referenceIn(text)).toThrow('This is no name of a workspace');
});

test.each([
  'http://berth.example/\nProxyCommand touch',
  "http://berth.example/'x'",
  'http://berth.example/%h',
  'http://berth.example/$(x)',
  'http://berth.example/"',
])('the address %j gets into no configuration', (url) => {
  expect(() => clientOptions(url, '%h')).toThrow('characters that cannot stand');
});

test('paths of any name are handed to the shell and to ssh as they are', () => {
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
    expect(() => clientOptions('https://berth.example', '%h')).toThrow('has a line end in it');
  } finally {
    process.argv[1] = before ?? '';
    if (configFolder === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = configFolder;
  }
});

test('nor does a password in an address', () => {
  expect(() => clientOptions('https://ada:secret@berth.example', '%h')).toThrow('berth login');
});

test('an address stands in the ProxyCommand, and no token', () => {
  process.env['BERTH_TOKEN'] = 'berth_secret';
  const [[name, command] = []] = clientOptions('https://berth.example:8443', '%h');
  expect(name).toBe('ProxyCommand');
  expect(command).toMatch(/^env BERTH_URL='https:\/\/berth\.example:8443' '.+' 'ssh' '--stdio' '%h'$/);
  expect(command).not.toContain('secret');
});

test('ssh gives a lost network up after 45 s, as docs/ssh.md says', () => {
  const { ServerAliveInterval, ServerAliveCountMax } = Object.fromEntries(clientOptions('https://b.example.com', '%h'));
  // One is sent per interval, and the first that goes unanswered is not counted.
  expect(Number(ServerAliveInterval) * (Number(ServerAliveCountMax) + 1)).toBe(45);
});
