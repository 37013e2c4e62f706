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
    return `install -D -m ${mode} /dev/stdin ${path}.part <<'BERTH_END_OF_FILE'\n${text}BERTH_END_OF_FILE\nmv -T ${path}.part ${path}`;
  });
};

// Each line may have been cut off and is done again: what has its name is whole, and is enabled only once it is on the disk.
const scriptOf = ({ gatewayUrl, agent }: BootSettings) => {
  // The checksum: an image made from a machine of an older agent has the mark of that one.
  const mark = `/opt/berth/done-${agent.sha256}`;
  return `#!/bin/bash
[ -e ${mark} ] && exit 0
set -euo pipefail
rm -rf /berth.part
mkdir /berth.part
curl -fsSL --proto =https --retry 10 --retry-all-errors -m 300 -o /berth.part/agent.tar.gz ${agent.url}
echo "${agent.sha256}  /berth.part/agent.tar.gz" | sha256sum -c --strict
mkdir /berth.part/berth
tar -xzf /berth.part/agent.tar.gz -C /berth.part/berth --no-same-owner
sync
rm -rf /berth
mv -T /berth.part/berth /berth
rm -rf /berth.part
${writes(gatewayUrl).join('\n')}
sync
systemctl daemon-reload
systemctl enable berth-home berth-identity berth-agent
systemctl start --no-block berth-home berth-identity berth-agent
sync
touch ${mark}
`;
};

// A spare is stopped as soon as it was launched, whatever its script is at; by default cloud-init would never run it again.
const everyBoot = `#cloud-config
cloud_final_modules:
  - [scripts-user, always]
`;

const boundary = 'BERTH_PART';
const part = (type: string, text: string) => `--${boundary}
Content-Type: ${type}; charset="us-ascii"
MIME-Version: 1.0
Content-Transfer-Encoding: 7bit

${text}
`;

/**
 * The user data of a pool's launch template: the same for every machine, so that nothing a person chose is ever in it.
 * It installs the agent; whose workspace a machine becomes, it learns from its tags once it is leased.
 * A MIME multipart text: the script, and before it what has cloud-init run it at each boot until it came to its end.
 */
export const userData = (settings: BootSettings): string => {
  const script = scriptOf(BootSettings.parse(settings));
  return `Content-Type: multipart/mixed; boundary="${boundary}"
MIME-Version: 1.0

${part('text/cloud-config', everyBoot)}${part('text/x-shellscript', script)}--${boundary}--
`;
};
