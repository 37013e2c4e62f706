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
  'the user data in virtual machines',
  canRunMachines(),
  'Needs Linux on amd64 and root: `apt-get install qemu-system-x86 qemu-utils debootstrap iproute2 openssl`.',
);

const mib = 1024 ** 2;
const sha256Of = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe.runIf(canRun)('a machine of the kind ec2-vm', () => {
  let image: Image;
  let text: string;
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
    text = userData({ gatewayUrl: `https://${names.gateway}`, agent });
    web = await startWeb(join(folder, 'web'), image, file);
    home = givenVolume('vol-0123456789abcdef0');
    berth = await givenVmInstallation();
    web.seen.gatewayPort = berth.port;
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
    const told = { instanceId, userData: text, tags };
    const options = {
      image,
      folder: join(folder, `${instanceId}-${Date.now()}`),
      root,
      told,
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
  const untilAgentIs = (status: string) => expect.poll(berth.agent).toBe(status);
  const times = ({ asked }: Machine, what: string) => asked.filter((one) => one.includes(what)).length;

  it('boots as a spare: it tries until the agent’s address answers, and then waits for its lease', async () => {
    root = givenRoot(image, join(folder, 'root-1'));
    web.seen.isAway = true;
    const spare = await start('i-00000000000000001');
    await expect.poll(() => web.seen.refused).toBeGreaterThan(1);
    web.seen.isAway = false;
    await expect.poll(() => times(spare, 'tags/instance/berth:home-volume 404')).toBeGreaterThan(3);
    expect(await berth.agent()).not.toBe('ready');
    expect(spare.said()).not.toContain('Started berth-agent.service');
  });

  it('once leased waits for its volume, which is empty, and becomes the workspace', async () => {
    const spare = machine as Machine;
    await leaseTo('i-00000000000000001', home);
    await expect.poll(() => times(spare, 'tags/instance/berth:workspace 200')).toBeGreaterThan(0);
    await spare.attach(home);
    await untilAgentIs('ready');
    expect(await shell('id -un; pwd; cat started.log; ls -A')).toMatch(
      /^berth\n\/home\/ada\nstarted as berth in \/home\/ada\n(.*\n)*\.bashrc\n/,
    );
    expect(await shell('findmnt -no SOURCE,FSTYPE,OPTIONS /home/ada')).toMatch(
      /^\/dev\/nvme1n1\s+ext4\s+rw,nosuid,nodev/,
    );
  });

  it('keeps the role of the machine from the workspace, and from jobs that cron runs for it', async () => {
    const ask =
      'curl -s -m 5 -X PUT -H "x-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token';
    // Through the machine's own service, which tells the agent alone which machine this is.
    expect(await shell(`curl -s -m 5 -o /dev/null -w '%{http_code}' http://127.0.0.1:4815/latest/meta-data/`)).toBe(
      '404',
    );
    expect(await shell(`${ask} > token; echo $?`)).toMatch(/^(7|28)$/);
    await shell(`echo '* * * * * ${ask} > cron-token; echo $? > cron-code' | crontab -`);
    await expect.poll(() => shell('cat cron-code')).toMatch(/^(7|28)$/);
    expect(await shell('crontab -r; cat token cron-token')).toBe('');
  });

  it('loses no more than the process that uses up the memory', async () => {
    const beside = await shell('setsid sleep 600 > /dev/null 2>&1 & echo $!');
    // Populated by the kernel at once (MAP_POPULATE): a process that touches its pages itself takes a minute here.
    const hoard = 'python3 -c "import mmap; [mmap.mmap(-1, 128 << 20, flags=0x8022) for _ in range(1_000)]"';
    // A shell tells a process that the kernel killed by 128 and the signal's number.
    await shell(`setsid sh -c '${hoard}; echo "ended by $?" > ended' > /dev/null 2>&1 &`);
    // Asked again when it fails: short of memory, the machine may answer nothing for so long that its agent is cut off.
    await expect.poll(() => shell('cat ended')).toBe('ended by 137');
    expect(await shell(`kill -0 ${beside} && echo "goes on"`)).toBe('goes on');
  });

  it('of an ephemeral workspace comes after one that died: the home is as it was, whatever the root disk had', async () => {
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

  it('of a persistent workspace starts again without fetching anything, before the gateway is there, on a home whose first boot was cut off', async () => {
    await (machine as Machine).stop();
    await untilAgentIs('disconnected');
    const { fetched, refused } = web.seen;
    const cutOff = givenVolume('vol-0123456789abcdef1', (file) => execFileSync('mkfs.ext4', ['-q', file]));
    await leaseTo('i-00000000000000002', cutOff);
    web.seen.isAway = true;
    await start('i-00000000000000002', cutOff);
    // Nothing but the agent asks for anything now, and it goes on until the gateway is there.
    await expect.poll(() => web.seen.refused).toBeGreaterThan(refused + 2);
    web.seen.isAway = false;
    await untilAgentIs('ready');
    // Its build was ready before, so that the startup script may still run.
    await expect.poll(() => shell('cat started.log')).toBe('started as berth in /home/ada');
    expect(await shell('stat -c %U . .bashrc')).toBe('berth\nberth');
    expect(web.seen.fetched).toBe(fetched);
    await (machine as Machine).end();
  });

  it('makes no file system of a volume that holds anything: it says so and changes nothing', async () => {
    const foreign = givenVolume('vol-0123456789abcdef2', (file) => {
      // Its beginning was wiped; a copy of the superblock is where ext4 keeps one.
      execFileSync('mkfs.ext4', ['-q', file]);
      execFileSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=1M', 'count=1', 'conv=notrunc', 'status=none']);
    });
    const before = sha256Of(foreign.file);
    await leaseTo('i-00000000000000002', foreign);
    const last = await start('i-00000000000000002', foreign);
    await expect.poll(last.said).toContain(`berth: ${foreign.volumeId} holds something that is no home`);
    await last.end();
    machine = undefined;
    expect(sha256Of(foreign.file)).toBe(before);
  });
});
