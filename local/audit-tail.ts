import { join } from 'node:path';
import { readAuditSegments } from '../adapters/audit/read-segments.ts';
import { readSettings } from './settings/settings.ts';

/** `npm run audit:tail` prints all audit events, then new ones until Ctrl-C. `-- --no-follow` prints no new ones. */
const follow = !process.argv.includes('--no-follow');
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

// A reader such as `head` closes the pipe early, which is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const folder = join(readSettings(process.env).dataDir, 'audit');
for await (const event of readAuditSegments(folder, { follow, signal: stop.signal })) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
