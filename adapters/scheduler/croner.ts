import { Cron } from 'croner';
import type { AutostartWake, StopWake } from '../../contracts/workspaces/workflows.ts';
import type { Scheduler } from '../../core/ports/scheduler.ts';
import { cronerPattern } from './cron.ts';

export interface CronerScheduler extends Scheduler {
  close(): void;
}

interface Wakes {
  stop: (payload: StopWake) => Promise<void>;
  autostart: (payload: AutostartWake) => Promise<void>;
}

/**
 * Schedules in this process. They are hints that are derived from the table: after a restart they are created again
 * from it, and a sweep finds what they missed.
 */
export const cronerScheduler = (wakes: Wakes, onError: (error: unknown) => void): CronerScheduler => {
  const stops = new Map<string, Cron>();
  const autostarts = new Map<string, Cron>();

  const remove = (jobs: Map<string, Cron>, id: string) => {
    jobs.get(id)?.stop();
    jobs.delete(id);
  };

  const fire = (id: string, payload: StopWake) => {
    remove(stops, id);
    wakes.stop(payload).catch(onError);
  };

  return {
    put: async (id, at, payload) => {
      remove(stops, id);
      // Croner does not run a job whose time is now or in the past.
      if (at.getTime() <= Date.now()) return void setImmediate(fire, id, payload);
      stops.set(id, new Cron(at, { unref: true }, () => fire(id, payload)));
    },
    remove: async (id) => remove(stops, id),
    putRecurring: async (id, autostart, payload) => {
      remove(autostarts, id);
      const options = { timezone: autostart.timeZone, mode: '5-part', unref: true } as const;
      autostarts.set(
        id,
        new Cron(cronerPattern(autostart), options, () => void wakes.autostart(payload).catch(onError)),
      );
    },
    removeRecurring: async (id) => remove(autostarts, id),
    close: () => {
      for (const jobs of [stops, autostarts]) for (const id of [...jobs.keys()]) remove(jobs, id);
    },
  };
};
