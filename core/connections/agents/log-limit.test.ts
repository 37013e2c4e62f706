import { expect, test } from 'vitest';
import type { AgentEvent } from '../../../contracts/agent/tunnel.ts';
import { logLimitBytes, withinLogLimit } from './log-limit.ts';

const at = '2026-01-01T00:00:00.000Z';
const log = (seq: number, text: string): AgentEvent => ({ seq, at, type: 'log', step: 'startup', text });
const ready: AgentEvent = { seq: 9, at, type: 'status', status: 'ready' };

test('logs below the limit are stored, and their size is counted in bytes', () => {
  const events = [log(1, 'ü'), ready];
  expect(withinLogLimit(events)).toEqual({ events, logBytes: 102 });
  expect(withinLogLimit(events, 500).logBytes).toBe(602);
});

test('the first log beyond the limit becomes a notice, and the agent’s other events stay', () => {
  const first = withinLogLimit([log(1, 'x'), log(2, 'y'), ready], logLimitBytes - 50);
  expect(first.events).toEqual([
    { ...log(1, ''), text: expect.stringContaining('The log is longer than 10 MB. The rest is omitted') },
    ready,
  ]);
  const second = withinLogLimit([log(3, 'z'), ready], first.logBytes);
  expect(second).toEqual({ events: [ready], logBytes: first.logBytes });
});

test('the number of empty lines is limited, too', () => {
  const flood = Array.from({ length: 200_000 }, (_, index) => log(index + 1, ''));
  expect(withinLogLimit(flood).events.length).toBeLessThan(110_000);
});
