import { expect, it } from 'vitest';
import { childEnvironment } from './environment.ts';

it('removes the agent’s variables, even when a template sets them', () => {
  const env = childEnvironment({ BERTH_AGENT_TOKEN: 't', KEEP: '1' }, '/h', { BERTH_AGENT_X: 'y', MORE: '2' });
  expect(env).toMatchObject({ KEEP: '1', MORE: '2', HOME: '/h', BERTH_NODE: process.execPath });
  expect(Object.keys(env).filter((name) => name.startsWith('BERTH_AGENT_'))).toEqual([]);
});

it('puts the home’s programs first and Node last in PATH', () => {
  const folders = childEnvironment({ PATH: '/usr/bin:/bin' }, '/h')['PATH']?.split(':');
  expect(folders?.slice(0, 4)).toEqual(['/h/.local/bin', '/h/bin', '/usr/bin', '/bin']);
  expect(folders).toHaveLength(5);
});

it.each(['/opt/x/bin:$PATH', '/opt/x/bin:${PATH}', '/opt/x/bin:${containerEnv:PATH}'])(
  'expands %s of a template with the image’s PATH',
  (PATH) => {
    const folders = childEnvironment({ PATH: '/usr/bin:/bin' }, '/h', { PATH })['PATH']?.split(':');
    expect(folders?.slice(0, 5)).toEqual(['/h/.local/bin', '/h/bin', '/opt/x/bin', '/usr/bin', '/bin']);
  },
);

it('uses a template’s PATH as it is when it does not reference the image’s', () => {
  const folders = childEnvironment({ PATH: '/usr/bin' }, '/h', { PATH: '/only/$PATHS' })['PATH']?.split(':');
  expect(folders?.slice(0, 3)).toEqual(['/h/.local/bin', '/h/bin', '/only/$PATHS']);
  expect(folders).not.toContain('/usr/bin');
});
