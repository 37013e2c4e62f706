import { autostartWindowMinutes } from '../../../contracts/workspaces/autostart.ts';
import { isBusy } from '../../schedule/busy.ts';
import { sweep } from '../../schedule/sweep.ts';
import { sweepRuntime } from '../aws/schedule.ts';
import { log, logged } from '../log.ts';

const runtime = sweepRuntime();
const sweepNow = sweep(runtime);

/** Below the 55 s of the function, with time for what hangs in the last part and for the metric. */
const budgetMs = 45_000;

/** The window of the schedules and a minute for what EventBridge is late. */
const autostartGraceMs = (autostartWindowMinutes + 1) * 60_000;

/** A metric is made of its line: an idle gateway may sleep. */
export const handler = logged(async () => {
  await sweepNow({ everything: false, budgetMs, autostartGraceMs });
  log('info', 'swept', { busy: await isBusy(runtime.rules.table) });
});
