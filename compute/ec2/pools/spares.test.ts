import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VmSpares } from '../../../contracts/settings/vm.ts';
import { groupSizeFor, sparesAt } from './spares.ts';

const office = VmSpares.parse({
  running: 1,
  stopped: 5,
  timezone: 'Europe/Berlin',
  hours: [
    { cron: '0 7 * * MON-FRI', running: 4 },
    { cron: '0 19 * * MON-FRI', running: 0, stopped: 2 },
  ],
});
const at = (instant: string, spares = office) => sparesAt(spares, new Date(instant));

describe('spares by the hour', () => {
  it.each([
    ['Monday before work: since Friday evening', '2026-11-23T05:59:59Z', { running: 0, stopped: 2 }],
    ['at the moment of the change', '2026-11-23T06:00:00Z', { running: 4, stopped: 5 }],
    ['until the next change', '2026-11-23T17:59:59Z', { running: 4, stopped: 5 }],
    ['in the evening', '2026-11-23T18:00:00Z', { running: 0, stopped: 2 }],
    ['on a Sunday', '2026-11-22T12:00:00Z', { running: 0, stopped: 2 }],
  ])('%s', (_, instant, expected) => {
    expect(at(instant)).toEqual(expected);
  });

  it('follows local time across daylight saving changes', () => {
    // Berlin goes from UTC+1 to UTC+2 on 29 March 2026 and back on 25 October.
    expect(at('2026-03-27T05:59:00Z')).toMatchObject({ running: 0 });
    expect(at('2026-03-27T06:00:00Z')).toMatchObject({ running: 4 });
    expect(at('2026-03-30T04:59:00Z')).toMatchObject({ running: 0 });
    expect(at('2026-03-30T05:00:00Z')).toMatchObject({ running: 4 });
    expect(at('2026-10-26T05:59:00Z')).toMatchObject({ running: 0 });
    expect(at('2026-10-26T06:00:00Z')).toMatchObject({ running: 4 });
  });

  it('applies changes in the hour that is skipped or repeated by daylight saving', () => {
    const night = VmSpares.parse({
      timezone: 'Europe/Berlin',
      hours: [
        { cron: '30 2 * * *', running: 3 },
        { cron: '0 12 * * *', running: 1 },
      ],
    });
    expect(at('2026-03-29T00:29:00Z', night)).toMatchObject({ running: 1 });
    expect(at('2026-03-29T04:00:00Z', night)).toMatchObject({ running: 3 });
    expect(at('2026-10-25T02:00:00Z', night)).toMatchObject({ running: 3 });
  });

  it('is the default size without changes', () => {
    expect(at('2026-01-01T00:00:00Z', VmSpares.parse({ running: 2 }))).toEqual({ running: 2, stopped: 0 });
  });

  it('reports an invalid schedule', () => {
    const wrong = VmSpares.parse({ hours: [{ cron: '0 99 * * *', running: 1 }] });
    expect(() => at('2026-01-01T00:00:00Z', wrong)).toThrow(/"0 99 \* \* \*" is not a cron expression/);
  });
});

it('never lets spares and leases exceed the cap, however many starts wait', () => {
  const small = fc.nat({ max: 30 });
  fc.assert(
    fc.property(
      small,
      small,
      small,
      small,
      fc.integer({ min: 1, max: 40 }),
      (running, stopped, leased, waiting, cap) => {
        const { desired, prepared } = groupSizeFor({ running, stopped }, { leased, waiting, spares: 0 }, cap);
        expect(prepared + leased).toBeLessThanOrEqual(Math.max(cap, leased));
        expect(desired).toBeLessThanOrEqual(prepared);
        if (running + stopped + waiting + leased <= cap) expect(desired).toBe(running + waiting);
      },
    ),
  );
});
