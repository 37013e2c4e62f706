import type { SkippedChange } from '../../adapters/table/sqlite/changes.ts';
import type { SqliteTable } from '../../adapters/table/sqlite/table.ts';
import type { Log } from '../../base/log.ts';
import { redactSecrets } from '../../base/redact.ts';
import type { Incident } from '../../contracts/incident.ts';
import type { Clock } from '../../core/ports/clock.ts';

/** The incidents that currently delay the delivery of changes. Each is logged when it begins and when it ends. */
export interface Incidents {
  /** Begins an incident, or updates it: `what` is a sentence, of which the newest is shown. */
  begin(name: string, what: string): void;
  end(name: string): void;
  current(): Incident[];
}

/** How long a skipped change is reported. */
const reportedMs = 86_400_000;

/** All incidents, and the changes that were skipped in the last day. */
export const listIncidents = (
  incidents: Incidents,
  table: Pick<SqliteTable, 'listSkipped'>,
  clock: Clock,
): Incident[] => {
  try {
    const skipped = table.listSkipped(new Date(clock().getTime() - reportedMs));
    return [...incidents.current(), ...skipped.map(incidentOf)];
  } catch (error) {
    const what = `The skipped changes could not be listed. ${(error as Error).message}`;
    return [...incidents.current(), { level: 'fail', since: clock().toISOString(), what: redactSecrets(what), todo }];
  }
};

const incidentOf = ({ at, consumer, subject, why }: SkippedChange): Incident => ({
  level: 'warn',
  since: at,
  what: redactSecrets(`A change of ${subject} was skipped${consumer === undefined ? '' : ` by ${consumer}`}: ${why}`),
  todo: 'The sweep repairs what the change would have started. Report it with the log lines of that time.',
});

const todo = 'Berth continues automatically when the cause is fixed. See docs/runbook.md for the causes.';

export const createIncidents = (log: Log, clock: Clock): Incidents => {
  const open = new Map<string, { since: Date; what: string }>();
  return {
    begin: (name, what) => {
      const since = open.get(name)?.since;
      if (since === undefined) log('error', what);
      open.set(name, { since: since ?? clock(), what });
    },
    end: (name) => {
      const incident = open.get(name);
      if (incident === undefined) return;
      open.delete(name);
      const seconds = Math.round((clock().getTime() - incident.since.getTime()) / 1_000);
      log('warn', `resolved after ${seconds}s: ${incident.what}`);
    },
    current: () =>
      [...open.values()].map(({ since, what }) => ({
        level: 'fail',
        since: since.toISOString(),
        what: redactSecrets(what),
        todo,
      })),
  };
};
