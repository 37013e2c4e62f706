import type { VariableName } from '../../contracts/settings/environment.ts';

const arn = (service: string, rest: string) => `arn:aws:${service}:eu-central-1:111122223333:${rest}`;

/** All environment variables that functions read, with invented names. */
export const berthEnvironment = {
  BERTH_TABLE: 'berth',
  BERTH_WORKFLOWS: JSON.stringify({
    'start-workspace': arn('states', 'stateMachine:start'),
    'stop-workspace': arn('states', 'stateMachine:stop'),
    'delete-workspace': arn('states', 'stateMachine:delete'),
  }),
  BERTH_SCHEDULE_GROUP: 'berth',
  BERTH_SCHEDULE_ROLE: 'arn:aws:iam::111122223333:role/schedules',
  BERTH_SCHEDULE_DEAD_LETTERS: arn('sqs', 'dead-letters'),
  BERTH_STOP_FUNCTION: arn('lambda', 'function:stop'),
  BERTH_AUTOSTART_FUNCTION: arn('lambda', 'function:autostart'),
  BERTH_AUDIT_STREAM: 'berth-audit',
  BERTH_AGENT_KEY: arn('secretsmanager', 'secret:agents'),
  BERTH_SEALING_KEY: arn('kms', 'key/sealing'),
  BERTH_ISSUER: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
  BERTH_CLIENT_ID: '1example23456789',
  BERTH_APP_DOMAIN: 'apps.berth.example.com',
  BERTH_GATEWAY_URL: 'https://gateway.berth.example.com',
  BERTH_ROLE_GROUPS: '{"admin":"platform-admins"}',
  BERTH_FEDERATION: JSON.stringify({
    attributes: { groups: 'groups', username: 'preferred_username', name: 'name', email: 'email' },
    groups: { roles: ['platform-admins'] },
  }),
  BERTH_LIMITS: '{}',
  BERTH_COMPUTE: JSON.stringify({
    'kubernetes-pod': {
      installation: 'berth',
      namespace: 'workspaces',
      agent: { image: 'registry.example.com/berth-agent:1' },
      cluster: {
        name: 'workspaces',
        endpoint: 'https://ABC.gr7.eu-central-1.eks.amazonaws.com',
        ca: Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64'),
        region: 'eu-central-1',
      },
    },
    'ec2-vm': {
      region: 'eu-central-1',
      account: '111122223333',
      installation: 'berth',
      pools: [
        {
          name: 'standard',
          autoScalingGroup: 'berth-standard',
          launchTemplate: { id: 'lt-0123456789abcdef0', version: '1' },
          instanceTypes: ['m7g.large'],
          subnets: [{ id: 'subnet-0123456789abcdef0', zone: 'eu-central-1a' }],
          securityGroups: ['sg-0123456789abcdef0'],
          publicAddress: false,
          architecture: 'arm64',
          cap: 10,
        },
      ],
    },
  }),
} as const satisfies Partial<Record<VariableName, string>>;
