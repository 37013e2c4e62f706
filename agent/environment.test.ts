import { expect, it } from 'vitest';
import { childEnvironment, readSettings } from './environment.ts';

it('names all that is missing at once', () => {
  expect(() => readSettings({ BERTH_GATEWAY_URL: 'ftp://x' })).toThrow(
    'The agent cannot start: set BERTH_GATEWAY_URL (an http or https origin), BERTH_AGENT_TOKEN, HOME.',
  );
});

it('reads its settings', () => {
  const settings = readSettings({ BERTH_GATEWAY_URL: 'https://berth.example', BERTH_AGENT_TOKEN: 't', HOME: '/h' });
  expect(settings).toMatchObject({ token: 't', home: '/h' });
  expect(settings.gatewayUrl.origin).toBe('https://berth.example');
});

it('keeps the agent’s variables from children, even when a template names them', () => {
  const env = childEnvironment({ BERTH_AGENT_TOKEN: 't', KEEP: '1' }, '/h', { BERTH_AGENT_X: 'y', MORE: '2' });
  expect(env).toMatchObject({ KEEP: '1', MORE: '2', HOME: '/h', BERTH_NODE: process.execPath });
  expect(Object.keys(env).filter((name) => name.startsWith('BERTH_AGENT_'))).toEqual([]);
});

it('puts the home’s own programs first and Node last into the search path', () => {
  const folders = childEnvironment({ PATH: '/usr/bin:/bin' }, '/h')['PATH']?.split(':');
  expect(folders?.slice(0, 4)).toEqual(['/h/.local/bin', '/h/bin', '/usr/bin', '/bin']);
  expect(folders).toHaveLength(5);
});
