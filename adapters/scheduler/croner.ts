import { Cron } from 'croner';
import type { StopWake } from '../../contracts/events.ts';
import type { Scheduler } from '../../core/ports.ts';

export interface CronerScheduler extends Scheduler {
  close(): void;
}

/**
 * Schedules in this process. They are hints made from the table: after a restart they are made anew from it, and a
 * sweep finds what they missed.
 */
export const cronerScheduler = (
  wake: (payload: StopWake) => Promise<void>,
  onError: (error: unknown) => void,
): CronerScheduler => {
  const jobs = new Map<string, Cron>();

  const remove = (id: string) => {
    jobs.get(id)?.stop();
    jobs.delete(id);
  };

  const ring = (id: string, payload: StopWake) => {
    remove(id);
    wake(payload).catch(onError);
  };

  return {
    put: async (id, at, payload) => {
      remove(id);
      // Croner runs nothing for a moment that is past or now.
      if (at.getTime() <= Date.now()) return void setImmediate(ring, id, payload);
      jobs.set(id, new Cron(at, { unref: true }, () => ring(id, payload)));
    },
    remove: async (id) => remove(id),
    close: () => {
      for (const id of [...jobs.keys()]) remove(id);
    },
  };
};
