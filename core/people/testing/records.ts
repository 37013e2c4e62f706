import { chainStart } from '../../audit/audit-events.ts';
import type { PersonRecord } from '../person-record.ts';

/** A member, for tests of the rules. */
export const ada: PersonRecord = {
  id: 'p-ada',
  name: 'ada',
  displayName: 'Ada',
  groups: [],
  roles: ['member'],
  active: true,
  toldAt: '2026-11-20T10:00:00.000Z',
  audit: chainStart,
};
