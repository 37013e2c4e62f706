import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Engine } from './engine.ts';

/**
 * Builds the base images without an image registry: Debian by `debootstrap`, with Node 24 as in the official image, and
 * one with busybox only.
 */

const run = promisify(execFile);
const suite = 'bookworm';
/** The smallest variant: Dockerfiles install what else they need. */
const variant = 'minbase';
/** A company's proxy may intercept TLS to the package registries: the images trust the authorities of this machine. */
const authorities = '/etc/ssl/certs/ca-certificates.crt';

export const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'berth');

/** A tar archive of Debian's packages, downloaded once per machine, from which `debootstrap` works offline. */
const debianPackages = async (work: string): Promise<string> => {
  const file = join(cacheFolder, `debian-${suite}-${variant}.tgz`);
  if (existsSync(file)) return file;
  await mkdir(cacheFolder, { recursive: true });
  const draft = `${file}.${process.pid}.tgz`;
  await run('debootstrap', [`--variant=${variant}`, `--make-tarball=${draft}`, suite, join(work, 'packages')]);
  await rename(draft, file);
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
  // npm sets this variable for the scripts that it runs.
  const npmFolder = dirname(dirname(realpathSync(process.env['npm_execpath'] ?? '')));
  await cp(npmFolder, join(root, npm), { recursive: true });
  await symlink(join('/', npm, 'bin/npm-cli.js'), join(root, 'usr/local/bin/npm'));
  await run('chroot', [root, 'useradd', '--create-home', '--uid', '1000', 'node']);
};

/** Imports a folder as an image with the given names. */
const importRoot = async ({ docker }: Engine, work: string, root: string, ...names: string[]): Promise<void> => {
  const archive = join(work, `${names[0]?.replaceAll(/\W/g, '-')}.tar`);
  await run('tar', ['--directory', root, '--exclude=./dev/*', '--create', '--file', archive, '.']);
  const settings = ['--change', `ENV NODE_EXTRA_CA_CERTS=${authorities}`];
  const id = await docker('import', ...settings, archive);
  for (const name of names) await docker('tag', id, name);
};

/** The names of Debian with Node in the Dockerfiles. */
const debianWithNode = ['node:24-bookworm-slim', 'node:24-slim'];
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
