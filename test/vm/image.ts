import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, copyFile, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, givenDebianRoot } from '../docker/base-images.ts';
import { webAddress } from './network.ts';

/** What the machines are made of, in one folder of the user's cache. */
export interface Image {
  /** A raw disk with one ext4 file system. Never written to: each machine has a layer of its own above it. */
  disk: string;
  kernel: string;
  /** Of `names`; the image trusts this certificate. */
  tls: { key: string; cert: string };
}

/** Whom the machines reach over https. */
export const names = { gateway: 'gateway.berth.test', portal: 'berth.test' };

const exec = promisify(execFile);
// The tests' own temporary folder is not there inside of the root.
const env = { ...process.env, TMPDIR: '/tmp', DEBIAN_FRONTEND: 'noninteractive' };
const run = (file: string, ...args: string[]) => exec(file, args, { env, maxBuffer: 64 * 1024 * 1024 });

/** As on Debian's own image for EC2. */
const packages = [
  ...['linux-image-cloud-amd64', 'systemd-sysv', 'libpam-systemd', 'dbus', 'udev', 'cloud-init'],
  ...['isc-dhcp-client', 'ifupdown', 'iproute2', 'curl', 'ca-certificates', 'cron', 'procps'],
];

/** QEMU cannot give an NVMe disk another model; an EBS volume has this one, after which Debian's own rule names its links. */
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
  // The way to the packages is this machine's.
  await copyFile('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
  await run('chroot', root, 'apt-get', 'update', '-qq');
  await run('chroot', root, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
  await givenCertificate(folder);
  await copyFile(join(folder, 'tls.crt'), join(root, 'usr/local/share/ca-certificates/berth-test.crt'));
  await run('chroot', root, 'update-ca-certificates');
  // Node brings authorities of its own, and public ones are all that a deployment needs.
  const authorities = 'DefaultEnvironment=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt';
  await mkdir(join(root, 'etc/systemd/system.conf.d'), { recursive: true });
  await writeFile(join(root, 'etc/systemd/system.conf.d/authorities.conf'), `[Manager]\n${authorities}\n`);
  // Debian's images for EC2 have theirs; it takes ten seconds to make here.
  await writeFile(join(root, 'etc/cloud/cloud.cfg.d/locale.cfg'), 'locale: C.UTF-8\n');
  await nameDisksAsEbs(root);
  await appendFile(join(root, 'etc/hosts'), `127.0.0.1 localhost\n${webAddress} ${Object.values(names).join(' ')}\n`);
  // Each machine makes its own at its first boot.
  await writeFile(join(root, 'etc/machine-id'), '');
  const kernel = (await readdir(join(root, 'boot'))).find((name) => name.startsWith('vmlinuz-')) ?? '';
  await cp(join(root, 'boot', kernel), join(folder, 'kernel'));
  await rm(join(root, 'boot'), { recursive: true });
  await run('chroot', root, 'apt-get', 'clean');
  await run('mkfs.ext4', '-q', '-d', root, join(folder, 'disk.raw'), '4G');
  await rm(root, { recursive: true });
};

/** Made once per machine and version of this file: some two minutes. */
export const machineImage = async (): Promise<Image> => {
  const recipe = createHash('sha256').update(await readFile(import.meta.filename));
  const folder = join(cacheFolder, `vm-${recipe.digest('hex').slice(0, 12)}`);
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    process.stdout.write(`Making the machines’ image in ${folder}: some two minutes, once …\n`);
    const making = `${folder}.${process.pid}`;
    await mkdir(making, { recursive: true });
    try {
      await build(making);
      await rename(making, folder);
    } finally {
      await rm(making, { recursive: true, force: true });
    }
  }
  const [key, cert] = await Promise.all(['tls.key', 'tls.crt'].map((name) => readFile(join(folder, name), 'utf8')));
  return { disk: join(folder, 'disk.raw'), kernel: join(folder, 'kernel'), tls: { key: `${key}`, cert: `${cert}` } };
};
