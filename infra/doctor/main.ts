import { Resolver } from 'node:dns/promises';
import { clientsIn } from './context/clients.ts';
import { examine } from './examine.ts';

/** `node infra/doctor/main.ts <settings file>`: findings as JSON, printed by `berth doctor --settings`. */
const [file] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('Name a settings file: npm run doctor -- --settings berth.config.yaml\n');
  process.exit(64);
}

// The default timeout of a resolver is longer than that of any check.
const resolver = new Resolver({ timeout: 1_500, tries: 2 });

const findings = await examine(file, ({ region, gateway }) => ({
  aws: clientsIn({ region }),
  edge: clientsIn({ region: 'us-east-1' }),
  further: new Map(gateway.regions.map(({ region }) => [region, clientsIn({ region })])),
  fetch,
  nameServers: (zone) => resolver.resolveNs(zone),
  environmentRegion: process.env['AWS_REGION'] || process.env['AWS_DEFAULT_REGION'] || undefined,
  now: new Date(),
}));
// Requests that timed out may still be open.
process.stdout.write(JSON.stringify(findings), () => process.exit());
