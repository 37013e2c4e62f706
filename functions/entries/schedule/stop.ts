import { StopWake } from '../../../contracts/workspaces/workflows.ts';
import { stopDue } from '../../schedule/stop.ts';
import { stopRuntime } from '../aws/schedule.ts';
import { logged } from '../log.ts';

const stop = stopDue(stopRuntime());

export const handler = logged(async (wake: unknown) => stop(StopWake.parse(wake)));
