import { openSqliteTable } from '../../../adapters/table/sqlite/table.ts';
import { replicaRules } from '../../../core/connections/agents/replicas.ts';
import { gatewayRules } from '../../../core/connections/gateway-rules.ts';
import { startService } from '../../../gateway/service.ts';

/** A gateway replica as it is deployed, with an empty table, in its own process: `node idle-gateway.ts`. */
const rules = {
  table: openSqliteTable(':memory:', { consumers: [] }),
  clock: () => new Date(),
  log: () => undefined,
  roleGroups: {},
};
const agentKey = 'the key of a replica that no agent dials';
const nobody = () => Promise.reject(new Error('nobody signs in here'));

const { port } = await startService({
  rules: gatewayRules(rules, { verify: nobody }, { agentKey: nobody, identities: {}, sealer: { open: nobody } }),
  replicas: replicaRules({ ...rules, agentKey }),
  appDomain: 'apps.example',
  portalUrl: 'https://portal.example',
  secureCookies: true,
  port: 0,
  peerPort: 0,
  replicaHost: '127.0.0.1',
  listenHost: '127.0.0.1',
  drainMs: 0,
  log: () => undefined,
});
process.on('SIGTERM', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();
process.stdout.write(`ready http://127.0.0.1:${port}\n`);
