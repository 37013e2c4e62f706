import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditEvent } from '../../contracts/events.ts';
import { hashOf } from '../../core/audit.ts';

/** The events delivered to the segments of a data folder, by subject, each once, in their order. */
export const deliveredAudit = (dataDir: string): Map<string, AuditEvent[]> => {
  const folder = join(dataDir, 'audit');
  const lines = readdirSync(folder)
    .sort()
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
    .filter((line) => line !== '');
  const byId = new Map(lines.map((line) => AuditEvent.parse(JSON.parse(line))).map((event) => [event.id, event]));
  const bySubject = new Map<string, AuditEvent[]>();
  for (const event of byId.values()) bySubject.set(event.subject, [...(bySubject.get(event.subject) ?? []), event]);
  for (const events of bySubject.values()) events.sort((a, b) => a.seq - b.seq);
  return bySubject;
};

/** What is wrong with the chains: numbers missing or doubled, hashes that do not follow. Empty when all is well. */
export const auditProblems = (chains: Map<string, AuditEvent[]>): string[] =>
  [...chains].flatMap(([subject, events]) =>
    events.flatMap((event, index) => {
      const before = events[index - 1];
      if (event.seq !== index + 1) return [`${subject} has ${event.seq} in place ${index + 1}`];
      if (event.previous !== (before?.hash ?? '')) return [`${subject}#${event.seq} does not follow the one before`];
      const { hash, ...rest } = event;
      return hashOf(rest) === hash ? [] : [`${subject}#${event.seq} was changed`];
    }),
  );
