import { isBusy } from '../schedule/busy.ts';
import { sweep } from '../schedule/sweep.ts';
import { sweepRuntime } from './aws/schedule.ts';
import { log, logged } from './log.ts';

const runtime = sweepRuntime();
const sweepNow = sweep(runtime);

/** A metric is made of its line: an idle gateway may sleep. */
export const handler = logged(async () => {
  await sweepNow({ everything: false });
  log('info', 'swept', { busy: await isBusy(runtime.rules.table) });
});
