import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Engine } from './engine.ts';

/**
 * The images that ours are made from and run in, without a registry of images: Debian by `debootstrap`, with Node 24 as
 * the official image has it, and busybox alone.
 */

const run = promisify(execFile);
const suite = 'bookworm';
/** Programs need no bigger variant: the Dockerfile installs what else it needs. */
const variant = 'minbase';
/** Registries may be reached through a company's proxy, whose authority this machine trusts: so do the images. */
const authorities = '/etc/ssl/certs/ca-certificates.crt';

export const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'berth');

/** A tar archive of Debian's packages, fetched once per machine, from which `debootstrap` works without the network. */
const debianPackages = async (work: string): Promise<string> => {
  const file = join(cacheFolder, `debian-${suite}-${variant}.tgz`);
  if (existsSync(file)) return file;
  await mkdir(cacheFolder, { recursive: true });
  const making = `${file}.${process.pid}.tgz`;
  await run('debootstrap', [`--variant=${variant}`, `--make-tarball=${making}`, suite, join(work, 'packages')]);
  await rename(making, file);
  return file;
};

export const givenDebianRoot = async (work: string): Promise<string> => {
  const root = join(work, 'debian');
  const packages = await debianPackages(work);
  await run('debootstrap', [`--variant=${variant}`, `--unpack-tarball=${packages}`, suite, root], {
    maxBuffer: 16 * 1024 * 1024,
  });
  await mkdir(join(root, dirname(authorities)), { recursive: true });
  if (existsSync(authorities)) await copyFile(authorities, join(root, authorities));
  return root;
};

const addNode = async (root: string): Promise<void> => {
  const npm = 'usr/local/lib/node_modules/npm';
  await copyFile(process.execPath, join(root, 'usr/local/bin/node'));
  // The npm that runs these tests tells its scripts where it is.
  const npmFolder = dirname(dirname(realpathSync(process.env['npm_execpath'] ?? '')));
  await cp(npmFolder, join(root, npm), { recursive: true });
  await symlink(join('/', npm, 'bin/npm-cli.js'), join(root, 'usr/local/bin/npm'));
  await run('chroot', [root, 'useradd', '--create-home', '--uid', '1000', 'node']);
};

/** `docker import` of a folder under some names. */
const importRoot = async ({ docker }: Engine, work: string, root: string, ...names: string[]): Promise<void> => {
  const archive = join(work, `${names[0]?.replaceAll(/\W/g, '-')}.tar`);
  await run('tar', ['--directory', root, '--exclude=./dev/*', '--create', '--file', archive, '.']);
  const settings = ['--change', `ENV NODE_EXTRA_CA_CERTS=${authorities}`];
  const id = await docker('import', ...settings, archive);
  for (const name of names) await docker('tag', id, name);
};

/** The names under which the Dockerfiles know Debian with Node. */
export const debianWithNode = ['node:24-bookworm-slim', 'node:24-slim'];
export const debian = 'debian:bookworm-slim';
export const busybox = 'busybox:latest';

export const importBaseImages = async (engine: Engine, work: string): Promise<void> => {
  const root = await givenDebianRoot(work);
  await importRoot(engine, work, root, debian);
  await addNode(root);
  await importRoot(engine, work, root, ...debianWithNode);
  const tiny = join(work, 'busybox');
  for (const folder of ['bin', 'etc', 'tmp']) await mkdir(join(tiny, folder), { recursive: true });
  await writeFile(join(tiny, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  await chmod(join(tiny, 'tmp'), 0o1777);
  await copyFile('/bin/busybox', join(tiny, 'bin/busybox'));
  await run('chroot', [tiny, '/bin/busybox', '--install', '-s', '/bin']);
  await importRoot(engine, work, tiny, busybox);
};
