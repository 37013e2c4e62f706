import { startBerth } from '../../../local/berth.ts';
import { terminalLog } from '../../../local/log.ts';

/** Berth as a process of its own, for tests that kill it: `node server.ts DATA PORT TEMPLATES`. */
const [dataDir = '', port = '0', templates = ''] = process.argv.slice(2);
const berth = await startBerth({
  dataDir,
  port: Number(port),
  templateFolders: [templates],
  withoutPortal: true,
  sweepEveryMs: 1_000,
  activityEveryMs: 500,
  log: terminalLog,
});
process.stdout.write(`ready ${berth.url}\n`);
process.on('SIGTERM', () => berth.close().then(() => process.exit(0)));
