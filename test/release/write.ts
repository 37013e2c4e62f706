import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../contracts/version.ts';
import { read, type Surface, surface } from './surface.ts';

/** `npm run release:record`: records what this version offers, for later versions to be compared with. */
const folder = join(import.meta.dirname, version);
mkdirSync(folder, { recursive: true });
for (const name of Object.keys(surface) as Surface[]) {
  writeFileSync(join(folder, `${name}.txt`), `${JSON.stringify(read(name), null, 1)}\n`);
}
process.stdout.write(`Recorded the API and the commands of ${version} in ${folder}.\n`);
