import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import type { Image } from './image.ts';
import { type InstanceMetadata, startMetadata } from './metadata.ts';

const has = (program: string, ...args: string[]): boolean => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

export const canRunMachines = (): boolean =>
  process.platform === 'linux' &&
  process.arch === 'x64' &&
  process.getuid?.() === 0 &&
  ['qemu-system-x86_64', 'qemu-img', 'debootstrap', 'unshare', 'openssl'].every((program) => has(program, '--help')) &&
  has('ip', '-Version');

/** The serial number of the NVMe disk that an EBS volume is. */
const serialOf = (volumeId: string): string => volumeId.replace('-', '');

/** Creates a root disk on top of the image: writes go to the new file, and the image does not change. */
export const givenRoot = ({ disk }: Image, file: string): string => {
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', disk, '-F', 'raw', file]);
  return file;
};

export interface Volume {
  volumeId: string;
  /** A raw disk. */
  file: string;
}

const diskOf = ({ volumeId, file }: Volume): string[] => [
  ...['-blockdev', `raw,node-name=home,file.driver=file,file.filename=${file}`],
  ...['-device', `nvme,drive=home,serial=${serialOf(volumeId)},addr=8`],
];

interface MachineOptions {
  image: Image;
  /** For the VM's sockets and console output; not shared with another VM. */
  folder: string;
  root: string;
  metadata: InstanceMetadata;
  /** The Unix socket that serves everything the VM reaches over https; see web.ts. */
  web: string;
  /** Attached from the start. */
  volume?: Volume;
}

/** Connects to QEMU's monitor (QMP), which runs one command at a time. */
const monitorAt = async (path: string) => {
  await expect.poll(() => existsSync(path), { timeout: 20_000 }).toBe(true);
  const socket = connect(path);
  const lines = createInterface({ input: socket });
  const responses = lines[Symbol.asyncIterator]();
  const send = async (execute: string, args: object = {}): Promise<void> => {
    socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    for (;;) {
      const { value, done } = await responses.next();
      if (done) return;
      const response = JSON.parse(value) as { return?: unknown; error?: { desc: string } };
      if (response.error !== undefined) throw new Error(`QEMU refused ${execute}: ${response.error.desc}`);
      if ('return' in response) return;
    }
  };
  await send('qmp_capabilities');
  return { send, close: () => socket.destroy() };
};

/** Boots a VM, in software emulation, that looks like an EC2 instance to its operating system. */
export const startMachine = async ({ image, folder, root, metadata, web, volume }: MachineOptions) => {
  mkdirSync(folder, { recursive: true });
  const at = (name: string) => join(folder, name);
  const imds = await startMetadata(at('imds'), metadata);
  // cloud-init recognizes EC2 by the manufacturer and the UUID.
  const uuid = 'ec2e1916-9099-7caf-fd21-012345abcdef';
  const qemu = [
    ['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '1024'],
    ['-display', 'none', '-nodefaults', '-no-reboot', '-serial', `file:${at('console')}`],
    ['-qmp', `unix:${at('qmp')},server=on,wait=off`],
    ['-kernel', image.kernel],
    ['-append', 'root=/dev/nvme0n1 rw console=ttyS0 net.ifnames=0 panic=-1 systemd.journald.forward_to_console=1'],
    ['-smbios', `type=1,manufacturer=Amazon EC2,uuid=${uuid},serial=${uuid}`],
    ['-blockdev', `qcow2,node-name=root,file.driver=file,file.filename=${root}`],
    ['-device', 'nvme,drive=root,serial=vol0root,addr=4'],
    ['-netdev', 'user,id=net,net=10.0.0.0/24', '-device', 'virtio-net-pci,netdev=net,mac=52:54:00:12:34:56'],
    ['-device', 'virtio-rng-pci'],
    ...(volume === undefined ? [] : [diskOf(volume)]),
  ].flat();
  const child = spawn(
    'unshare',
    [
      '--net',
      process.execPath,
      join(import.meta.dirname, 'network.ts'),
      at('imds'),
      web,
      'qemu-system-x86_64',
      ...qemu,
    ],
    { stdio: ['pipe', 'inherit', 'inherit'] },
  );
  const exited = once(child, 'exit').then(() => undefined);
  const monitor = await Promise.race([monitorAt(at('qmp')), exited]);
  if (monitor === undefined) throw new Error('QEMU ended at once; see its message above.');

  const attach = async ({ volumeId, file }: Volume): Promise<void> => {
    await monitor.send('blockdev-add', {
      driver: 'raw',
      'node-name': 'home',
      file: { driver: 'file', filename: file },
    });
    await monitor.send('device_add', { driver: 'nvme', id: 'home-disk', drive: 'home', serial: serialOf(volumeId) });
  };
  const end = async () => {
    child.kill('SIGTERM');
    await exited;
    monitor.close();
    imds.close();
  };
  return {
    attach,
    metadataRequests: imds.requests,
    /** The VM's console output: kernel, journal and cloud-init. */
    consoleOutput: () => (existsSync(at('console')) ? readFileSync(at('console'), 'utf8') : ''),
    /** Shuts down the operating system, as EC2 does to stop an instance. */
    stop: async () => {
      await monitor.send('system_powerdown');
      await exited;
      monitor.close();
      imds.close();
    },
    /** Ends the VM without a shutdown, as when its host fails. */
    end,
  };
};
export type Machine = Awaited<ReturnType<typeof startMachine>>;
