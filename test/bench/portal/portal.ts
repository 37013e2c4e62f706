import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseSync } from 'oxc-parser';
import { buildPortal } from '../../../bundles/portal.ts';
import { atMost, type Benchmark } from '../measuring/figure.ts';
import { note } from '../measuring/note.ts';
import { portalPage } from './page.ts';

const dist = join(import.meta.dirname, '..', '..', '..', 'web', 'dist');
const assets = join(dist, 'assets');
/** The portal and the page behind `/`, which are loaded after the sign-in. */
const landing = /^App-.*\.js$/;

/** Scripts of `assets` that `index.html` names: the entry and its preloads. */
const scriptsOfIndex = (): string[] =>
  [...readFileSync(join(dist, 'index.html'), 'utf8').matchAll(/(?:src|href)="\/assets\/([^"]+\.js)"/g)].map(
    ([, file = '']) => file,
  );

const importsOf = (file: string): string[] =>
  parseSync(file, readFileSync(join(assets, file), 'utf8')).module.staticImports.map(({ moduleRequest }) =>
    moduleRequest.value.replace('./', ''),
  );

/** The files and everything they import, each once. */
const withImports = (files: readonly string[]): Set<string> => {
  const all = new Set(files);
  for (const file of all) for (const imported of importsOf(file)) all.add(imported);
  return all;
};

const gzippedKb = (files: Iterable<string>): number =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(assets, file))).length, 0) / 1_000;

/** The script that a browser loads before the list of workspaces appears, and how soon the list can be used. */
export const portal: Benchmark = {
  name: 'portal',
  run: async () => {
    await buildPortal();
    const index = scriptsOfIndex();
    const page = readdirSync(assets).filter((file) => landing.test(file));
    if (index.length === 0 || page.length !== 1) throw new Error(`web/dist holds no portal as it is known here`);
    const first = withImports([...index, ...page]);
    note(
      `portal: gzip, KB of 1,000 bytes: ${gzippedKb(index).toFixed(1)} in ${index.length} scripts that index.html names;`,
    );
    note(`with the page of the list, which "/" leads to, ${gzippedKb(first).toFixed(1)} in ${first.size}`);
    return [atMost('portal-first-load-script', gzippedKb(first), 'KB', 250), ...(await portalPage())];
  },
};
