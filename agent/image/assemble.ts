import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleAgent } from '../bundle.ts';
import { addCodeServer } from './code-server.ts';

/**
 * `node agent/image/assemble.ts /berth [--code-server]`: everything the agent needs in one folder, for containers of any
 * image: musl, another glibc, or nothing at all. Node brings its own libraries and names the loader by the absolute path where the
 * folder is mounted. (Calling the loader with Node as its argument would do too, but then the loader would be what
 * `process.execPath` says, and `BERTH_NODE` would be of no use to scripts.) Needs `patchelf`.
 */
const {
  values: { 'code-server': withCodeServer },
  positionals: [target = '/berth'],
} = parseArgs({ allowPositionals: true, options: { 'code-server': { type: 'boolean', default: false } } });
/** Where workspaces find it; the same as in compute/kubernetes/agent.ts. */
const mounted = '/berth';

const addon = createRequire(createRequire(import.meta.url).resolve('@lydell/node-pty')).resolve(
  `@lydell/node-pty-linux-${process.arch}/pty.node`,
);

/** The libraries of a program, as the loader of this machine finds them: `libm.so.6 => /lib/libm.so.6 (0x…)`. */
const librariesOf = (file: string): string[] =>
  [...execFileSync('ldd', [file], { encoding: 'utf8' }).matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(
    ([, path]) => path ?? '',
  );

/** RPATH, and not RUNPATH, which would not hold for what the libraries themselves need. */
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
// Copies the folder into the volume that the workspace's container has: the init container's whole work.
writeFileSync(
  join(target, 'install.cjs'),
  `require('node:fs').cpSync(${JSON.stringify(mounted)}, process.argv[2], { recursive: true });\n`,
);
