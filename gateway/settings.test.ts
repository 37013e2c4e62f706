import { expect, it } from 'vitest';
import { readSettings } from './settings.ts';

const env = {
  AWS_REGION: 'us-east-1',
  BERTH_HOME_REGION: 'eu-central-1',
  BERTH_TABLE: 'berth',
  BERTH_AGENT_KEY: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:agents',
  BERTH_SEALING_KEY: 'arn:aws:kms:eu-central-1:111122223333:key/sealing',
  BERTH_ISSUER: 'https://cognito-idp.eu-central-1.amazonaws.com/pool',
  BERTH_CLIENT_ID: 'client',
  BERTH_ROLE_GROUPS: '{"admin":"platform-admins"}',
  BERTH_LIMITS: '{"browserOnly":true}',
  BERTH_APP_DOMAIN: 'apps.berth.example.com',
  BERTH_PORTAL_URL: 'https://berth.example.com',
  ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/id',
};

it('reads the variables of ECS and the deployment, with default ports', () => {
  expect(readSettings(env)).toMatchObject({
    table: 'berth',
    region: 'eu-central-1',
    replicaRegion: 'us-east-1',
    roleGroups: { admin: 'platform-admins' },
    installation: { sharing: { apps: 'everyone', workspace: 'everyone' }, browserOnly: true },
    port: 8_080,
    peerPort: 8_081,
    replicaHost: 'http://169.254.170.2/v4/id',
    drainMs: 25_000,
  });
  expect(readSettings({ ...env, BERTH_REPLICA_HOST: '10.0.0.7', BERTH_PORT: '80' })).toMatchObject({
    replicaHost: '10.0.0.7',
    port: 80,
  });
});

it('reports everything that is missing or wrong at once', () => {
  const read = () => readSettings({ BERTH_PORT: 'http', BERTH_ROLE_GROUPS: 'admins' });
  for (const name of Object.keys(env).slice(0, 11)) expect(read, name).toThrow(name);
  expect(read).toThrow('BERTH_PORT');
  expect(read).toThrow('BERTH_REPLICA_HOST');
});
