import { expect, test } from 'vitest';
import { Autostart } from './autostart.ts';

const given = (fields: object) => ({ days: ['mon', 'fri'], at: '08:30', timeZone: 'Europe/Berlin', ...fields });

test.each([
  [{}],
  [{ at: '00:00' }],
  [{ at: '23:59' }],
  [{ timeZone: 'UTC' }],
  // None of these is in Intl.supportedValuesOf('timeZone').
  [{ timeZone: 'Asia/Kolkata' }],
  [{ timeZone: 'Europe/Kyiv' }],
])('%j is accepted', (fields) => {
  expect(Autostart.parse(given(fields))).toEqual(given(fields));
});

test.each([
  [{ days: [] }, 'days'],
  [{ days: ['mon', 'mon'] }, 'days'],
  [{ days: ['Monday'] }, 'days.0'],
  [{ at: '24:00' }, 'at'],
  [{ at: '8:30' }, 'at'],
  [{ at: '08:60' }, 'at'],
  [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
  [{ timeZone: '+02:00' }, 'timeZone'],
  [{ timeZone: '' }, 'timeZone'],
  [{ timeZone: undefined }, 'timeZone'],
  [{ until: 'noon' }, ''],
])('%j is refused', (fields, where) => {
  const read = Autostart.safeParse(given(fields));
  expect(read.error?.issues.map(({ path }) => path.join('.'))[0]).toBe(where);
});
