import { AutostartWake } from '../../../contracts/workspaces/workflows.ts';
import { autostartDue } from '../../schedule/autostart.ts';
import { autostartRuntime } from '../aws/schedule.ts';
import { logged } from '../log.ts';

const autostart = autostartDue(autostartRuntime());

export const handler = logged(async (wake: unknown) => autostart(AutostartWake.parse(wake)));
