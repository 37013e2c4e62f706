import { once } from 'node:events';
import { BerthError } from '../core/errors.ts';
import { startBerth } from './berth.ts';
import { localKubernetes } from './kubernetes.ts';
import { terminalLog } from './log.ts';
import { readSettings, StartError } from './settings.ts';

/** `npm start`. Ctrl-C ends it at any moment, also while it starts. */
const main = async (stop: AbortSignal) => {
  const settings = readSettings(process.env);
  const kubernetes = await localKubernetes(process.env, settings.dataDir);
  const berth = await startBerth({ ...settings, ...kubernetes, log: terminalLog, signal: stop });
  process.stdout.write(`ready ${berth.url}

  Open it in a browser and sign in as ada, linus, grace (admin) or sam (auditor).
  In a terminal:  export BERTH_URL=${berth.url}
                  export BERTH_TOKEN=$(node -p 'require("${berth.tokensFile}").ada')
                  npx berth create demo --template quickstart --wait
  Ctrl-C stops it with all workspaces; the next start brings them back.
`);
  await once(stop, 'abort');
  await berth.close();
};

/** Tells of the first of the signals by which a terminal or a service manager ends a program; further ones do nothing. */
const stopSignal = (): AbortSignal => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) return;
      process.stderr.write('Stopping …\n');
      stop.abort();
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
    // A start that was broken off has cleaned up behind it.
    if (!stop.aborted || error !== stop.reason) throw error;
  })
  .then(() => process.exit(0), fail);
