import { Resolver } from 'node:dns/promises';
import { clientsIn } from './context/clients.ts';
import { examine } from './examine.ts';

/** `node infra/doctor/main.ts <settings file>`: findings as JSON, for `berth doctor --settings` to tell. */
const [file] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('Name a settings file: npm run doctor -- --settings berth.config.yaml\n');
  process.exit(64);
}

// By default a resolver that is silent is waited for longer than for any check.
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
// What did not answer in time may still be waiting for an answer.
process.stdout.write(JSON.stringify(findings), () => process.exit());
