import { once } from 'node:events';
import { BerthError } from '../core/errors.ts';
import { startBerth } from './berth.ts';
import { terminalLog } from './log.ts';
import { localKubernetes } from './settings/kubernetes.ts';
import { readSettings, StartError } from './settings/settings.ts';

/** The program of `npm start`. Ctrl-C ends it at any moment, even during the start. */
const main = async (stop: AbortSignal) => {
  const settings = readSettings(process.env);
  const kubernetes = await localKubernetes(process.env, settings.dataDir, terminalLog);
  const berth = await startBerth({ ...settings, ...kubernetes, log: terminalLog, signal: stop });
  process.stdout.write(`ready ${berth.url}

  Open it in a browser and sign in as ada, linus, grace (admin) or sam (auditor).
  In a terminal:  export BERTH_URL=${berth.url}
                  export BERTH_TOKEN=$(node -p 'require("${berth.tokensFile}").ada')
                  npx berth create demo --template quickstart --wait
  Press Ctrl-C to stop Berth and all workspaces. The next start brings back those that were running.
`);
  await once(stop, 'abort');
  await berth.close();
};

/**
 * A signal within this time belongs to the same key press: the terminal signals the whole group, and `npm` forwards it.
 */
const samePressMs = 1_000;

/**
 * Returns a signal that aborts at the first termination signal of a terminal or service manager. A second one exits
 * immediately, because the user does not want to wait; the next start takes over what was left running.
 */
const stopSignal = (): AbortSignal => {
  const stop = new AbortController();
  let first = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stop.signal.aborted) {
        first = performance.now();
        process.stderr.write('Stopping … Press Ctrl-C again to stop immediately.\n');
        stop.abort();
      } else if (performance.now() - first > samePressMs) {
        process.stderr.write('Stopped immediately. Workspaces may still be running; the next start takes them over.\n');
        process.exit(130);
      }
    });
  }
  return stop.signal;
};

const fail = (error: unknown) => {
  const expected = error instanceof StartError || error instanceof BerthError;
  process.stderr.write(`${expected ? error.message : (error as Error).stack}\n`);
  process.exit(1);
};

const stop = stopSignal();
main(stop)
  .catch((error: unknown) => {
    // An aborted start has already cleaned up.
    if (!stop.aborted || error !== stop.reason) throw error;
  })
  .then(() => process.exit(0), fail);
