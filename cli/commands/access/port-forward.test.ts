import { expect, test } from 'vitest';
import { parseForward, requireLoopback } from './port-forward.ts';

test.each([
  ['3000', { local: 3000, remote: 3000 }],
  ['8080:80', { local: 8080, remote: 80 }],
  ['0:65535', { local: 0, remote: 65_535 }],
])('%s is %j', (text, forward) => {
  expect(parseForward(text)).toEqual(forward);
});

test.each(['0', '', '65536', '3000:0', '-1', '08', '80:', ':80', '1e3', 'http'])('%j is not a port', (text) => {
  expect(() => parseForward(text)).toThrow('Invalid port');
});

test('more than two ports are refused', () => {
  expect(() => parseForward('1:2:3')).toThrow('Invalid ports');
});

test('it listens on loopback, on other addresses only with --allow-others, and never on a host name', () => {
  for (const address of ['127.0.0.1', '127.1.2.3', '::1']) expect(() => requireLoopback({ address })).not.toThrow();
  for (const address of ['0.0.0.0', '::', '192.168.1.2', '::ffff:127.0.0.1']) {
    expect(() => requireLoopback({ address })).toThrow('--allow-others');
  }
  expect(() => requireLoopback({ address: '0.0.0.0', allowOthers: true })).not.toThrow();
  for (const address of ['localhost', '127.0.0.1.evil', '']) {
    expect(() => requireLoopback({ address, allowOthers: true })).toThrow('Invalid IP address');
  }
});
