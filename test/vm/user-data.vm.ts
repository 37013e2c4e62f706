import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAgentArchive } from '../../bundles/agent-archive.ts';
import { userData } from '../../compute/ec2/user-data/user-data.ts';
import { cleanUp } from '../../gateway/testing/harness.ts';
import { optional } from '../requirements.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Image, machineImage, names } from './image.ts';
import { givenVmInstallation } from './installation.ts';
import { canRunMachines, givenRoot, type Machine, startMachine, type Volume } from './machine.ts';
import { startWeb } from './web.ts';

const canRun = optional(
  'VM user data',
  canRunMachines(),
  'Needs Linux on amd64 and root: `apt-get install qemu-system-x86 qemu-utils debootstrap iproute2 openssl`.',
);

const mib = 1024 ** 2;
const sha256Of = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe.runIf(canRun)('a VM of the kind ec2-vm', () => {
  let image: Image;
  let vmUserData: string;
  let web: Awaited<ReturnType<typeof startWeb>>;
  let berth: Awaited<ReturnType<typeof givenVmInstallation>>;
  let machine: Machine | undefined;
  let folder: string;
  let root: string;
  let home: Volume;
  const tags: Record<string, string> = {};

  beforeAll(async () => {
    folder = temporaryFolder();
    image = await machineImage();
    const { file, sha256 } = await buildAgentArchive('x86_64');
    const agent = { url: `https://${names.portal}/agent/x86_64.tar.gz`, sha256 };
    vmUserData = userData({ gatewayUrl: `https://${names.gateway}`, agent });
    web = await startWeb(join(folder, 'web'), image, file);
    home = givenVolume('vol-0123456789abcdef0');
    berth = await givenVmInstallation();
    web.state.gatewayPort = berth.port;
  });
  afterAll(async () => {
    await machine?.end();
    web?.close();
    await cleanUp();
  });

  const givenVolume = (volumeId: string, content?: (file: string) => void): Volume => {
    const file = join(folder, volumeId);
    writeFileSync(file, '');
    truncateSync(file, 512 * mib);
    content?.(file);
    return { volumeId, file };
  };
  const start = async (instanceId: string, volume?: Volume) => {
    const options = {
      image,
      folder: join(folder, `${instanceId}-${Date.now()}`),
      root,
      metadata: { instanceId, userData: vmUserData, tags },
      web: join(folder, 'web'),
    };
    machine = await startMachine({ ...options, ...(volume && { volume }) });
    return machine;
  };
  const leaseTo = async (instanceId: string, { volumeId }: Volume) => {
    await berth.lease(instanceId);
    Object.assign(tags, {
      'berth:home-volume': volumeId,
      'berth:home-path': '/home/ada',
      'berth:workspace': berth.id,
    });
  };
  const shell = (script: string) => berth.exec('sh', '-c', script);
  const untilAgentIs = (status: string) => expect.poll(berth.agentStatus).toBe(status);
  const countOf = ({ metadataRequests }: Machine, part: string) =>
    metadataRequests.filter((line) => line.includes(part)).length;

  it('boots as a spare, retries until it has fetched the agent, and waits for its lease', async () => {
    root = givenRoot(image, join(folder, 'root-1'));
    web.state.isDown = true;
    const spare = await start('i-00000000000000001');
    await expect.poll(() => web.state.refused).toBeGreaterThan(1);
    web.state.isDown = false;
    await expect.poll(() => countOf(spare, 'tags/instance/berth:home-volume 404')).toBeGreaterThan(3);
    expect(await berth.agentStatus()).not.toBe('ready');
    expect(spare.consoleOutput()).not.toContain('Started berth-agent.service');
  });

  it('waits for its empty home volume once it is leased, and becomes the workspace', async () => {
    const spare = machine as Machine;
    await leaseTo('i-00000000000000001', home);
    await expect.poll(() => countOf(spare, 'tags/instance/berth:workspace 200')).toBeGreaterThan(0);
    await spare.attach(home);
    await untilAgentIs('ready');
    expect(await shell('id -un; pwd; cat started.log; ls -A')).toMatch(
      /^berth\n\/home\/ada\nstarted as berth in \/home\/ada\n(.*\n)*\.bashrc\n/,
    );
    expect(await shell('findmnt -no SOURCE,FSTYPE,OPTIONS /home/ada')).toMatch(
      /^\/dev\/nvme1n1\s+ext4\s+rw,nosuid,nodev/,
    );
  });

  it('denies the instance’s role to the workspace and to its cron jobs', async () => {
    const requestToken =
      'curl -s -m 5 -X PUT -H "x-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token';
    // The identity service on the instance must not forward any other path.
    expect(await shell(`curl -s -m 5 -o /dev/null -w '%{http_code}' http://127.0.0.1:4815/latest/meta-data/`)).toBe(
      '404',
    );
    expect(await shell(`${requestToken} > token; echo $?`)).toMatch(/^(7|28)$/);
    await shell(`echo '* * * * * ${requestToken} > cron-token; echo $? > cron-code' | crontab -`);
    await expect.poll(() => shell('cat cron-code')).toMatch(/^(7|28)$/);
    expect(await shell('crontab -r; cat token cron-token')).toBe('');
  });

  it('loses only the process that uses up the memory', async () => {
    const bystander = await shell('setsid sleep 600 > /dev/null 2>&1 & echo $!');
    // MAP_POPULATE: the kernel allocates the pages at once. A process that touched each page itself would take a minute
    // here.
    const hoard = 'python3 -c "import mmap; [mmap.mmap(-1, 128 << 20, flags=0x8022) for _ in range(1_000)]"';
    // A shell reports a killed process with the status 128 plus the signal's number.
    await shell(`setsid sh -c '${hoard}; echo "ended by $?" > ended' > /dev/null 2>&1 &`);
    // A failed command is retried: short of memory, the VM may not respond for so long that its agent is disconnected.
    await expect.poll(() => shell('cat ended'), { timeout: 480_000 }).toBe('ended by 137');
    expect(await shell(`kill -0 ${bystander} && echo "still running"`)).toBe('still running');
  });

  it('replaces the failed VM of an ephemeral workspace: the home is unchanged, the root disk is new', async () => {
    await shell('echo kept > work.txt; echo lost > /var/tmp/work.txt; sync');
    const before = await shell('stat -c "%n %U %a %Y" work.txt .bashrc; findmnt -no UUID /home/ada');
    await (machine as Machine).end();
    await untilAgentIs('disconnected');
    root = givenRoot(image, join(folder, 'root-2'));
    await leaseTo('i-00000000000000002', home);
    await start('i-00000000000000002', home);
    await untilAgentIs('ready');
    expect(await shell('cat work.txt; ls /var/tmp/work.txt 2>&1')).toMatch(/^kept\nls: cannot access/);
    expect(await shell('stat -c "%n %U %a %Y" work.txt .bashrc; findmnt -no UUID /home/ada')).toBe(before);
  });

  it('starts again as the VM of a persistent workspace without fetching anything, and completes a home whose first boot was interrupted', async () => {
    await (machine as Machine).stop();
    await untilAgentIs('disconnected');
    const { fetched, refused } = web.state;
    const cutOff = givenVolume('vol-0123456789abcdef1', (file) => execFileSync('mkfs.ext4', ['-q', file]));
    await leaseTo('i-00000000000000002', cutOff);
    web.state.isDown = true;
    await start('i-00000000000000002', cutOff);
    // Only the agent connects now, and it retries until the gateway is up.
    await expect.poll(() => web.state.refused).toBeGreaterThan(refused + 2);
    web.state.isDown = false;
    await untilAgentIs('ready');
    // The build was ready before, so the startup script may still be running.
    await expect.poll(() => shell('cat started.log')).toBe('started as berth in /home/ada');
    expect(await shell('stat -c %U . .bashrc')).toBe('berth\nberth');
    expect(web.state.fetched).toBe(fetched);
    await (machine as Machine).end();
  });

  it('reports a volume that contains something other than a home, and does not change it', async () => {
    const foreign = givenVolume('vol-0123456789abcdef2', (file) => {
      // Only its beginning is wiped: ext4 has backups of the superblock further on.
      execFileSync('mkfs.ext4', ['-q', file]);
      execFileSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=1M', 'count=1', 'conv=notrunc', 'status=none']);
    });
    const before = sha256Of(foreign.file);
    await leaseTo('i-00000000000000002', foreign);
    const last = await start('i-00000000000000002', foreign);
    await expect.poll(last.consoleOutput).toContain(`berth: ${foreign.volumeId} contains something other than a home`);
    await last.end();
    machine = undefined;
    expect(sha256Of(foreign.file)).toBe(before);
  });
});
