import { expect, it } from 'vitest';
import { readSettings } from './settings.ts';

it('names everything that is missing in one error', () => {
  expect(() => readSettings({ BERTH_GATEWAY_URL: 'ftp://x' })).toThrow(
    'The agent cannot start: set BERTH_GATEWAY_URL (an http or https origin), BERTH_WORKSPACE_ID, BERTH_AGENT_TOKEN, HOME.',
  );
});

it('reads its settings', () => {
  const env = { BERTH_GATEWAY_URL: 'https://berth.example', BERTH_WORKSPACE_ID: 'ws-1', HOME: '/h' };
  const settings = readSettings({ ...env, BERTH_AGENT_TOKEN: 't' });
  expect(settings).toMatchObject({ workspaceId: 'ws-1', credential: { kind: 'one-time', token: 't' }, home: '/h' });
  expect(settings.gatewayUrl.origin).toBe('https://berth.example');
  const inPod = readSettings({ ...env, BERTH_AGENT_SIGN_ON: 'kubernetes', BERTH_AGENT_TOKEN_FILE: '/t' });
  expect(inPod.credential).toEqual({ kind: 'kubernetes', tokenFile: '/t' });
  const onInstance = readSettings({ ...env, BERTH_AGENT_SIGN_ON: 'ec2' });
  expect(onInstance.credential).toEqual({ kind: 'ec2', metadata: new URL('http://169.254.169.254') });
  expect(() => readSettings({ ...env, BERTH_AGENT_SIGN_ON: 'other' })).toThrow('set BERTH_AGENT_SIGN_ON');
});
