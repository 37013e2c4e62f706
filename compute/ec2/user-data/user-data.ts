import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const httpsUrl = z
  .url({ protocol: /^https$/ })
  // The URL is part of a shell script and a unit file, where quotes, % and spaces have a meaning.
  .regex(/^https:\/\/[A-Za-z0-9.-]+(:[0-9]+)?(\/[A-Za-z0-9._/-]*)?$/, 'Use a URL of letters, digits and ._/- only');

const BootSettings = z.strictObject({
  gatewayUrl: httpsUrl,
  agent: z
    .strictObject({ url: httpsUrl, sha256: z.string().regex(/^[0-9a-f]{64}$/) })
    .meta({ description: 'A .tar.gz with bin/node, agent.cjs and their dependencies, for the pool’s architecture' }),
});
type BootSettings = z.input<typeof BootSettings>;

const folder = import.meta.dirname;
const files = [
  ['home.sh', '/opt/berth/home.sh', '755'],
  ['identity.cjs', '/opt/berth/identity.cjs', '644'],
  ['berth-home.service', '/etc/systemd/system/berth-home.service', '644'],
  ['berth-identity.service', '/etc/systemd/system/berth-identity.service', '644'],
  ['berth-agent.service', '/etc/systemd/system/berth-agent.service', '644'],
  ['berth-slice.conf', '/etc/systemd/system/user-.slice.d/berth.conf', '644'],
  // Services that run a person's jobs outside of that slice. An image may have any of them.
  ...['cron', 'crond', 'atd'].map(
    (name) => ['berth-jobs.conf', `/etc/systemd/system/${name}.service.d/berth.conf`, '644'] as const,
  ),
] as const;

const writes = (gatewayUrl: string) => {
  return files.map(([name, path, mode]) => {
    const text = readFileSync(join(folder, name), 'utf8').replace('@GATEWAY_URL@', gatewayUrl);
    return `install -D -m ${mode} /dev/stdin ${path}.part <<'BERTH_END_OF_FILE'\n${text}BERTH_END_OF_FILE\nmv -T ${path}.part ${path}`;
  });
};

// Fetches until it succeeds: a spare that cannot fetch the agent yet, for example before the portal's DNS name exists,
// is leased all the same and does not boot again by itself. Every line may be interrupted and run again: files are
// complete when they get their final name, and units are enabled only after sync.
const scriptOf = ({ gatewayUrl, agent }: BootSettings) => {
  // With the checksum, because an image made from an instance with an older agent has that agent's mark.
  const mark = `/opt/berth/done-${agent.sha256}`;
  return `#!/bin/bash
[ -e ${mark} ] && exit 0
set -euo pipefail
fetch() {
  rm -rf /berth.part
  mkdir /berth.part
  curl -fsSL --proto =https --retry 10 --retry-all-errors -m 300 -o /berth.part/agent.tar.gz ${agent.url} &&
    echo "${agent.sha256}  /berth.part/agent.tar.gz" | sha256sum -c --strict
}
until fetch; do sleep 15; done
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

// A spare is stopped as soon as it was launched, even in the middle of this script, and cloud-init by default runs it
// once.
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
 * The user data of a pool's launch template: the same for every instance, without any input of a person. It installs
 * the agent; a leased instance learns its workspace from its tags. A MIME multipart document: cloud-config that runs
 * scripts at every boot, and the script, which does nothing once it has finished.
 */
export const userData = (settings: BootSettings): string => {
  const script = scriptOf(BootSettings.parse(settings));
  return `Content-Type: multipart/mixed; boundary="${boundary}"
MIME-Version: 1.0

${part('text/cloud-config', everyBoot)}${part('text/x-shellscript', script)}--${boundary}--
`;
};
