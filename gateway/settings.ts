import { readVariables } from '../contracts/settings/environment.ts';

const names = [
  'AWS_REGION',
  'BERTH_HOME_REGION',
  'BERTH_TABLE',
  'BERTH_AGENT_KEY',
  'BERTH_SEALING_KEY',
  'BERTH_AGENT_IDENTITIES',
  'BERTH_ISSUER',
  'BERTH_CLIENT_ID',
  'BERTH_ROLE_GROUPS',
  'BERTH_LIMITS',
  'BERTH_APP_DOMAIN',
  'BERTH_PORTAL_URL',
  'BERTH_PORT',
  'BERTH_PEER_PORT',
  'BERTH_REPLICA_HOST',
  'BERTH_DRAIN_SECONDS',
] as const;

/**
 * Reads the service's settings from its environment. Throws one error that lists everything that is missing or wrong.
 */
export const readSettings = (env: NodeJS.ProcessEnv) => {
  // ECS sets the URL at which a task can read its own address.
  const read = readVariables({ BERTH_REPLICA_HOST: env['ECS_CONTAINER_METADATA_URI_V4'], ...env }, names);
  return {
    /** The region of the table, the secrets and the keys. */
    region: read.BERTH_HOME_REGION,
    replicaRegion: read.AWS_REGION,
    table: read.BERTH_TABLE,
    agentKeySecret: read.BERTH_AGENT_KEY,
    sealingKey: read.BERTH_SEALING_KEY,
    agentIdentities: read.BERTH_AGENT_IDENTITIES,
    issuer: read.BERTH_ISSUER,
    clientId: read.BERTH_CLIENT_ID,
    roleGroups: read.BERTH_ROLE_GROUPS,
    installation: read.BERTH_LIMITS,
    appDomain: read.BERTH_APP_DOMAIN,
    portalUrl: read.BERTH_PORTAL_URL,
    port: read.BERTH_PORT,
    peerPort: read.BERTH_PEER_PORT,
    replicaHost: read.BERTH_REPLICA_HOST,
    drainMs: read.BERTH_DRAIN_SECONDS * 1_000,
  };
};
