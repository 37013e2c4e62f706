import { autostartWindowMinutes } from '../../../contracts/workspaces/autostart.ts';
import { isBusy } from '../../schedule/due.ts';
import { sweep } from '../../schedule/sweep.ts';
import { sweepRuntime } from '../aws/schedule.ts';
import { log, logged } from '../log.ts';

const runtime = sweepRuntime();
const sweepNow = sweep(runtime);

/** Below the function's timeout of 55 s, with time for a call that hangs in the last part and for the metric. */
const budgetMs = 45_000;

/** The flexible time window of the schedules, and a minute for delays of EventBridge. */
const autostartGraceMs = (autostartWindowMinutes + 1) * 60_000;

/** A metric filter counts the log line: without busy workspaces the gateway may scale to zero. */
export const handler = logged(async () => {
  await sweepNow({ everything: false, budgetMs, autostartGraceMs });
  log('info', 'swept', { busy: await isBusy(runtime.rules.table) });
});
