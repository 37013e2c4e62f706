import type { AutostartRuntime, StopRuntime, SweepRuntime } from '../../runtime.ts';
import { log } from '../log.ts';
import { awsCompute } from './compute/compute.ts';
import { awsScheduler } from './scheduler.ts';
import { awsRules } from './table.ts';
import { awsWorkflows } from './workflows.ts';

export const stopRuntime = (): StopRuntime => ({ rules: awsRules(), scheduler: awsScheduler() });

export const autostartRuntime = (): AutostartRuntime => ({ ...stopRuntime(), log });

export const sweepRuntime = (): SweepRuntime => {
  const stop = stopRuntime();
  return { ...stop, workflows: awsWorkflows(), compute: awsCompute(stop.rules), log };
};
