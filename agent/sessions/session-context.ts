import type { ActivityMeter } from '../common/activity.ts';
import type { Environment } from '../processes/environment.ts';
import type { Processes } from '../processes/processes.ts';

/** What a session needs to start a program in the workspace. */
export interface SessionContext {
  /** What every program of the workspace inherits. */
  env: Environment;
  home: string;
  /** The agent's own directory. */
  runDir: string;
  processes: Processes;
  activity: ActivityMeter;
}
