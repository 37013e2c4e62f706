import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleAgent } from '../bundle.ts';
import { addCodeServer } from './code-server.ts';

/**
 * `node agent/image/assemble.ts /berth [--code-server]`: puts everything that the agent needs into one folder, for
 * containers of any image: with musl, another glibc, or nothing at all. Node gets its own libraries and the absolute
 * path of the loader in the mounted folder. (Running the loader with Node as its argument would work too, but then
 * `process.execPath` would be the loader, and scripts could not use `BERTH_NODE`.) Needs `patchelf`.
 */
const {
  values: { 'code-server': withCodeServer },
  positionals: [target = '/berth'],
} = parseArgs({ allowPositionals: true, options: { 'code-server': { type: 'boolean', default: false } } });
/** Where workspaces have the folder; the same as in compute/kubernetes/manifests/agent.ts. */
const mounted = '/berth';

const addon = createRequire(createRequire(import.meta.url).resolve('@lydell/node-pty')).resolve(
  `@lydell/node-pty-linux-${process.arch}/pty.node`,
);

/**
 * The libraries of a program as this machine's loader resolves them, from lines like `libm.so.6 => /lib/libm.so.6
 * (0x…)`.
 */
const librariesOf = (file: string): string[] =>
  [...execFileSync('ldd', [file], { encoding: 'utf8' }).matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(
    ([, path]) => path ?? '',
  );

/** Sets RPATH instead of RUNPATH, which would not apply to the dependencies of the libraries. */
const patch = (file: string, ...more: string[]) =>
  execFileSync('patchelf', [...more, '--force-rpath', '--set-rpath', join(mounted, 'lib'), file]);

for (const folder of ['bin', 'lib', 'node_modules/@lydell']) mkdirSync(join(target, folder), { recursive: true });
for (const library of new Set([process.execPath, addon].flatMap(librariesOf))) {
  const name = basename(library).startsWith('ld-linux') ? 'ld.so' : basename(library);
  cpSync(realpathSync(library), join(target, 'lib', name));
}
const node = join(target, 'bin', 'node');
cpSync(realpathSync(process.execPath), node);
patch(node, '--set-interpreter', join(mounted, 'lib', 'ld.so'));

const modules = join('node_modules', '@lydell');
for (const name of ['node-pty', `node-pty-linux-${process.arch}`]) {
  const installed = join(import.meta.dirname, '../..', modules, name);
  cpSync(installed, join(target, modules, name), { recursive: true, dereference: true });
}
patch(join(target, modules, basename(dirname(addon)), 'pty.node'));

await bundleAgent(join(target, 'agent.cjs'), '@lydell/node-pty');
if (withCodeServer) addCodeServer(join(target, 'code-server'));
// The init container runs this to copy the folder into the volume of the workspace's container.
writeFileSync(
  join(target, 'install.cjs'),
  `require('node:fs').cpSync(${JSON.stringify(mounted)}, process.argv[2], { recursive: true });\n`,
);
