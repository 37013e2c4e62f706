import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, copyFile, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, givenDebianRoot } from '../docker/base-images.ts';
import { webAddress } from './network.ts';

/** The disk and kernel of the VMs, in one folder of the user's cache. */
export interface Image {
  /** A raw disk with one ext4 file system. Never written to: each VM writes to a layer above it. */
  disk: string;
  kernel: string;
  /** For the hosts in `names`; the image trusts this certificate. */
  tls: { key: string; cert: string };
}

/** The hosts that VMs reach over https. */
export const names = { gateway: 'gateway.berth.test', portal: 'berth.test' };

const exec = promisify(execFile);
// The tests' temporary folder does not exist inside the chroot.
const env = { ...process.env, TMPDIR: '/tmp', DEBIAN_FRONTEND: 'noninteractive' };
const run = (file: string, ...args: string[]) => exec(file, args, { env, maxBuffer: 64 * 1024 * 1024 });

/** As on Debian's own image for EC2. */
const packages = [
  ...['linux-image-cloud-amd64', 'systemd-sysv', 'libpam-systemd', 'dbus', 'udev', 'cloud-init'],
  ...['isc-dhcp-client', 'ifupdown', 'iproute2', 'curl', 'ca-certificates', 'cron', 'procps'],
];

/**
 * Debian's udev rule names a disk's links by its model. QEMU cannot set the model of an NVMe disk, so the rule gets
 * that of EBS.
 */
const nameDisksAsEbs = async (root: string): Promise<void> => {
  const name = 'rules.d/60-persistent-storage.rules';
  const rules = await readFile(join(root, 'usr/lib/udev', name), 'utf8');
  const model = 'ENV{ID_MODEL}="$attr{model}"';
  const asEbs = rules.replaceAll(/^KERNEL=="nvme.*$/gm, (line) =>
    line.replace(model, 'ENV{ID_MODEL}="Amazon Elastic Block Store"'),
  );
  if (asEbs === rules) throw new Error(`udev's ${name} does not name a disk after ${model}. Adapt test/vm/image.ts.`);
  await writeFile(join(root, 'etc/udev', name), asEbs);
};

const givenCertificate = async (folder: string): Promise<void> => {
  const [key, cert] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  const subject = [
    '-subj',
    `/CN=${names.portal}`,
    '-addext',
    `subjectAltName=DNS:${Object.values(names).join(',DNS:')}`,
  ];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '36500'];
  await run('openssl', 'req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert);
};

const build = async (folder: string): Promise<void> => {
  const root = await givenDebianRoot(folder);
  // Packages are fetched with the DNS resolver of this machine.
  await copyFile('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
  await run('chroot', root, 'apt-get', 'update', '-qq');
  await run('chroot', root, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
  await givenCertificate(folder);
  await copyFile(join(folder, 'tls.crt'), join(root, 'usr/local/share/ca-certificates/berth-test.crt'));
  await run('chroot', root, 'update-ca-certificates');
  // Node has its own list of public authorities, which is all that a deployment needs, but not the tests' authority.
  const authorities = 'DefaultEnvironment=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt';
  await mkdir(join(root, 'etc/systemd/system.conf.d'), { recursive: true });
  await writeFile(join(root, 'etc/systemd/system.conf.d/authorities.conf'), `[Manager]\n${authorities}\n`);
  // Debian's images for EC2 come with a locale; generating one here would take ten seconds.
  await writeFile(join(root, 'etc/cloud/cloud.cfg.d/locale.cfg'), 'locale: C.UTF-8\n');
  await nameDisksAsEbs(root);
  await appendFile(join(root, 'etc/hosts'), `127.0.0.1 localhost\n${webAddress} ${Object.values(names).join(' ')}\n`);
  // Each VM generates its own at its first boot.
  await writeFile(join(root, 'etc/machine-id'), '');
  const kernel = (await readdir(join(root, 'boot'))).find((name) => name.startsWith('vmlinuz-')) ?? '';
  await cp(join(root, 'boot', kernel), join(folder, 'kernel'));
  await rm(join(root, 'boot'), { recursive: true });
  await run('chroot', root, 'apt-get', 'clean');
  await run('mkfs.ext4', '-q', '-d', root, join(folder, 'disk.raw'), '4G');
  await rm(root, { recursive: true });
};

/** Builds the image once per version of this file, which takes about two minutes. */
export const machineImage = async (): Promise<Image> => {
  const recipe = createHash('sha256').update(await readFile(import.meta.filename));
  const folder = join(cacheFolder, `vm-${recipe.digest('hex').slice(0, 12)}`);
  const exists = await stat(folder).then(
    () => true,
    () => false,
  );
  if (!exists) {
    process.stdout.write(`Building the VM image in ${folder}, once: about two minutes …\n`);
    const draft = `${folder}.${process.pid}`;
    await mkdir(draft, { recursive: true });
    try {
      await build(draft);
      await rename(draft, folder);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  const [key, cert] = await Promise.all(['tls.key', 'tls.crt'].map((name) => readFile(join(folder, name), 'utf8')));
  return { disk: join(folder, 'disk.raw'), kernel: join(folder, 'kernel'), tls: { key: `${key}`, cert: `${cert}` } };
};
