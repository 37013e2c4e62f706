import { expect, it } from 'vitest';
import { childEnvironment } from './environment.ts';

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
