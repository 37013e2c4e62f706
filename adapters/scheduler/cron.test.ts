import { expect, test } from 'vitest';
import type { Autostart } from '../../contracts/workspaces/autostart.ts';
import { cronerPattern, eventBridgeExpression, zoneName } from './cron.ts';

const given = (fields: Partial<Autostart> = {}): Autostart => ({
  days: ['mon', 'fri', 'sun'],
  at: '08:05',
  timeZone: 'Europe/Berlin',
  ...fields,
});

test('an autostart is converted to the formats of croner and EventBridge', () => {
  expect(cronerPattern(given())).toBe('5 8 * * MON,FRI,SUN');
  expect(eventBridgeExpression(given())).toBe('cron(5 8 ? * MON,FRI,SUN *)');
  expect(eventBridgeExpression(given({ days: ['sat'], at: '00:00' }))).toBe('cron(0 0 ? * SAT *)');
});

test('a time zone is spelled as in the IANA database', () => {
  expect(zoneName(given())).toBe('Europe/Berlin');
  expect(zoneName(given({ timeZone: 'america/new_york' }))).toBe('America/New_York');
  expect(zoneName(given({ timeZone: 'UTC' }))).toBe('UTC');
});
