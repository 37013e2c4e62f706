import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Compression of smaller files would not save a packet. */
const minBytes = 1_000;

/** Writes brotli and gzip versions of the built files, for the local server. CloudFront compresses by itself. */
export const compressOutput = (): Plugin => ({
  name: 'berth-compressed',
  writeBundle({ dir = '' }, bundle) {
    for (const name of Object.keys(bundle).filter((name) => /\.(css|html|js|svg)$/.test(name))) {
      const file = join(dir, name);
      const text = readFileSync(file);
      if (text.length < minBytes) continue;
      writeFileSync(
        `${file}.br`,
        brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }),
      );
      writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
    }
  },
});
