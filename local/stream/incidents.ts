import type { LeftOut } from '../../adapters/table/sqlite/changes.ts';
import type { SqliteTable } from '../../adapters/table/sqlite/table.ts';
import type { Log } from '../../base/log.ts';
import { redactSecrets } from '../../base/redact.ts';
import type { Trouble } from '../../contracts/troubles.ts';
import type { Clock } from '../../core/ports/clock.ts';

/** The incidents that currently delay the delivery of changes. Each is logged when it begins and when it ends. */
export interface Incidents {
  /** Begins or updates an incident; `what` is a sentence, of which the newest is shown. */
  hold(name: string, what: string): void;
  release(name: string): void;
  all(): Trouble[];
}

/** How long a skipped change is reported. */
const reportedMs = 86_400_000;

/** All incidents, and the changes that were skipped in the last day. */
export const listIncidents = (troubles: Incidents, table: Pick<SqliteTable, 'leftOut'>, clock: Clock): Trouble[] => {
  try {
    const leftOut = table.leftOut(new Date(clock().getTime() - reportedMs));
    return [...troubles.all(), ...leftOut.map(leftOutTrouble)];
  } catch (error) {
    const what = `What was left out could not be asked. ${(error as Error).message}`;
    return [...troubles.all(), { level: 'fail', since: clock().toISOString(), what: redactSecrets(what), todo }];
  }
};

const leftOutTrouble = ({ at, consumer, subject, why }: LeftOut): Trouble => ({
  level: 'warn',
  since: at,
  what: redactSecrets(`A change of ${subject} was left out${consumer === undefined ? '' : ` by ${consumer}`}: ${why}`),
  todo: 'The sweep does what it would have started. Report it with the lines of the log of that time.',
});

const todo = 'Berth goes on by itself once the cause is gone; docs/runbook.md says what each is.';

export const createIncidents = (log: Log, clock: Clock): Incidents => {
  const held = new Map<string, { since: Date; what: string }>();
  return {
    hold: (name, what) => {
      const since = held.get(name)?.since;
      if (since === undefined) log('error', what);
      held.set(name, { since: since ?? clock(), what });
    },
    release: (name) => {
      const was = held.get(name);
      if (!held.delete(name) || was === undefined) return;
      const seconds = Math.round((clock().getTime() - was.since.getTime()) / 1_000);
      log('warn', `over after ${seconds} s: ${was.what}`);
    },
    all: () =>
      [...held.values()].map(({ since, what }) => ({
        level: 'fail',
        since: since.toISOString(),
        what: redactSecrets(what),
        todo,
      })),
  };
};
