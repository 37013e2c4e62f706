import type { Autostart } from '../../contracts/workspaces/autostart.ts';
import type { AutostartWake, StopWake } from '../../contracts/workspaces/workflows.ts';

export interface Scheduler {
  /** Invokes the stop handler at `at`, or immediately when that is past. The same id again replaces the schedule. */
  put(id: string, at: Date, payload: StopWake): Promise<void>;
  /** Removes a schedule. Does nothing when there is none. */
  remove(id: string): Promise<void>;
  /**
   * Invokes the autostart handler at each time of an autostart, in its time zone. The same id again replaces the
   * schedule. A time that daylight saving skips may be skipped: the sweep catches up on it.
   */
  putRecurring(id: string, autostart: Autostart, payload: AutostartWake): Promise<void>;
  /**
   * Removes a recurring schedule, independent of a one-off schedule of the same id. Does nothing when there is none.
   */
  removeRecurring(id: string): Promise<void>;
}
