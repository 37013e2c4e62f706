import { skeletonKind } from '../../../compute/skeleton/skeleton.ts';
import { startBerth } from '../../../local/berth.ts';
import { terminalLog } from '../../../local/log.ts';

/**
 * Berth as `npm start` runs it, with an additional compute kind that starts nothing: `node server.ts DATA TEMPLATES`.
 * It ends on SIGTERM and when its stdin ends, so that it does not outlive a benchmark that was killed.
 */
const [dataDir = '', templates = ''] = process.argv.slice(2);
const berth = await startBerth({
  port: 0,
  dataDir,
  templateFolders: [templates],
  moreKinds: [skeletonKind(new Map())],
  log: terminalLog,
});

let ending = false;
const end = () => {
  if (ending) return;
  ending = true;
  void berth.close().then(() => process.exit(0));
};
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.stdin.on('end', end).resume();
process.stdout.write(`ready ${berth.url}\n`);
