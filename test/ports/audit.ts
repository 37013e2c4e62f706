import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../contracts/audit.ts';
import type { AuditStream } from '../../core/ports/audit-stream.ts';

interface OpenAudit {
  audit: AuditStream;
  /** Returns the delivered events as a consumer reads them, in order per subject. */
  delivered(): Promise<AuditEvent[]>;
  close(): Promise<void>;
}

export const auditEvent = (subject: string, seq: number, note = ''): AuditEvent => ({
  id: `${subject}#${seq}`,
  subject,
  seq,
  at: '2026-01-02T03:04:05.000Z',
  action: 'workspace.start',
  actor: 'system',
  outcome: 'success',
  details: { note },
  previous: '',
  hash: 'x',
});

/** The first event of each ID. */
const firsts = (events: AuditEvent[]): AuditEvent[] => [...new Map(events.map((event) => [event.id, event])).values()];

/** The contract of every adapter of the audit port. */
export const auditContract = (name: string, open: () => Promise<OpenAudit>): void => {
  describe(`audit contract: ${name}`, () => {
    let opened: OpenAudit;
    let audit: AuditStream;
    beforeAll(async () => {
      opened = await open();
      audit = opened.audit;
    });
    afterAll(() => opened?.close());

    const subject = () => `ws-${randomUUID()}`;
    const of = async (...subjects: string[]) =>
      (await opened.delivered()).filter((event) => subjects.includes(event.subject));

    it('an event is delivered unchanged when its put resolves', async () => {
      const event = auditEvent(subject(), 1, 'naïve 😀\nsecond line');
      await audit.put([event]);
      expect(await of(event.subject)).toEqual([event]);
    });

    it('an empty put writes nothing', async () => {
      const before = (await opened.delivered()).length;
      await audit.put([]);
      expect(await opened.delivered()).toHaveLength(before);
    });

    it('the order of each subject is preserved, also beyond the limit of one call', async () => {
      const subjects = Array.from({ length: 520 }, subject);
      const [one = '', two = ''] = subjects;
      const events = subjects.map((of) => auditEvent(of, 1));
      events.push(auditEvent(one, 2), auditEvent(two, 2), auditEvent(one, 3));
      await audit.put(events);
      expect(firsts(await of(...subjects))).toHaveLength(523);
      expect(firsts(await of(one)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(firsts(await of(two)).map(({ seq }) => seq)).toEqual([1, 2]);
    });

    it('events of the maximum size are accepted, also beyond the limit of one call', async () => {
      const large = Array.from({ length: 20 }, (_, index) =>
        auditEvent(subject(), 1, `${index}`.repeat(300_000).slice(0, 300_000)),
      );
      await audit.put(large);
      expect(firsts(await of(...large.map((event) => event.subject)))).toHaveLength(20);
    });

    it('a repeated event does no harm', async () => {
      const event = auditEvent(subject(), 1);
      await audit.put([event]);
      await audit.put([event]);
      expect(firsts(await of(event.subject))).toEqual([event]);
    });
  });
};
