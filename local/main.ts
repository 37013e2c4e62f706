import { BerthError } from '../core/errors.ts';
import { startBerth } from './berth.ts';
import { terminalLog } from './log.ts';
import { readSettings, StartError } from './settings.ts';

/** `npm start`. */
const main = async () => {
  const settings = readSettings(process.env);
  const berth = await startBerth({ ...settings, log: terminalLog });
  process.stdout.write(`ready ${berth.url}

  Open it in a browser and sign in as ada, linus, grace (admin) or sam (auditor).
  In a terminal:  export BERTH_URL=${berth.url}
                  export BERTH_TOKEN=$(node -p 'require("${berth.tokensFile}").ada')
                  npx berth create demo --template quickstart --wait
  Ctrl-C stops it with all workspaces; the next start brings them back.
`);
  endOnSignal(berth.close);
};

const endOnSignal = (close: () => Promise<void>) => {
  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      process.stderr.write('Stopping …\n');
      close().then(() => process.exit(0), fail);
    });
  }
};

const fail = (error: unknown) => {
  const expected = error instanceof StartError || error instanceof BerthError;
  process.stderr.write(`${expected ? error.message : (error as Error).stack}\n`);
  process.exit(1);
};

main().catch(fail);
