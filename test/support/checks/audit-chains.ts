import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditEvent } from '../../../contracts/audit.ts';
import { hashOf } from '../../../core/audit/audit-events.ts';

/**
 * Returns the events delivered to the segments of a data folder by subject, each once, in order. Text after the last
 * line break is still being written, or was when the disk was full: the next write cuts it off.
 */
export const deliveredAudit = (dataDir: string): Map<string, AuditEvent[]> => {
  const folder = join(dataDir, 'audit');
  const lines = readdirSync(folder)
    .sort()
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1));
  const byId = new Map(lines.map((line) => AuditEvent.parse(JSON.parse(line))).map((event) => [event.id, event]));
  const bySubject = new Map<string, AuditEvent[]>();
  for (const event of byId.values()) bySubject.set(event.subject, [...(bySubject.get(event.subject) ?? []), event]);
  for (const events of bySubject.values()) events.sort((a, b) => a.seq - b.seq);
  return bySubject;
};

/** Returns the errors of the chains: missing or repeated numbers, and hashes that do not follow. */
export const auditProblems = (chains: Map<string, AuditEvent[]>): string[] => [
  ...[...chains].flatMap(([subject, events]) =>
    events.flatMap((event, index) =>
      event.seq === index + 1 ? [] : [`${subject} has ${event.seq} at position ${index + 1}`],
    ),
  ),
  ...linkProblems(chains),
];

/**
 * Returns the errors of chains after a restore of the table: a subject may repeat a number, and each event still
 * follows one of the number before. The chains are trees then, and every branch can be verified.
 */
export const linkProblems = (chains: Map<string, AuditEvent[]>): string[] =>
  [...chains].flatMap(([subject, events]) => {
    const hashes = new Map(events.map(({ hash, seq }) => [hash, seq]));
    return events.flatMap((event) => {
      const follows = event.seq === 1 ? event.previous === '' : hashes.get(event.previous) === event.seq - 1;
      if (!follows) return [`${subject}#${event.seq} does not follow the one before`];
      const { hash, ...rest } = event;
      return hashOf(rest) === hash ? [] : [`${subject}#${event.seq} was changed`];
    });
  });
