import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const httpsUrl = z
  .url({ protocol: /^https$/ })
  // It stands in a shell script and in a unit file, where a quote, a % or a blank would mean something else.
  .regex(
    /^https:\/\/[A-Za-z0-9.-]+(:[0-9]+)?(\/[A-Za-z0-9._/-]*)?$/,
    'An address here has letters, digits and ._/- only',
  );

const BootSettings = z.strictObject({
  gatewayUrl: httpsUrl,
  agent: z
    .strictObject({ url: httpsUrl, sha256: z.string().regex(/^[0-9a-f]{64}$/) })
    .meta({ description: 'A .tar.gz with bin/node, agent.cjs and what they need, for the pool’s architecture' }),
});
export type BootSettings = z.input<typeof BootSettings>;

const folder = join(import.meta.dirname, 'boot');
const places = [
  ['home.sh', '/opt/berth/home.sh', '755'],
  ['identity.cjs', '/opt/berth/identity.cjs', '644'],
  ['berth-home.service', '/etc/systemd/system/berth-home.service', '644'],
  ['berth-identity.service', '/etc/systemd/system/berth-identity.service', '644'],
  ['berth-agent.service', '/etc/systemd/system/berth-agent.service', '644'],
  ['berth-slice.conf', '/etc/systemd/system/user-.slice.d/berth.conf', '644'],
] as const;

const writes = (gatewayUrl: string) => {
  return places.map(([name, path, mode]) => {
    const text = readFileSync(join(folder, name), 'utf8').replace('@GATEWAY_URL@', gatewayUrl);
    return `install -D -m ${mode} /dev/stdin ${path} <<'BERTH_END_OF_FILE'\n${text}BERTH_END_OF_FILE`;
  });
};

/**
 * The user data of a pool's launch template: the same for every machine, so that nothing a person chose is ever in it.
 * It installs the agent; whose workspace a machine becomes, it learns from its tags once it is leased.
 */
export const userData = (settings: BootSettings): string => {
  const { gatewayUrl, agent } = BootSettings.parse(settings);
  return `#!/bin/bash
set -euo pipefail
archive=$(mktemp)
curl -fsSL --proto =https --retry 10 --retry-all-errors -m 300 -o "$archive" ${agent.url}
echo "${agent.sha256}  $archive" | sha256sum -c --strict
mkdir -p /berth
tar -xzf "$archive" -C /berth --no-same-owner
rm "$archive"
${writes(gatewayUrl).join('\n')}
systemctl daemon-reload
systemctl enable berth-home berth-identity berth-agent
systemctl start --no-block berth-home berth-identity berth-agent
`;
};
