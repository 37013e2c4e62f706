import { expect, it } from 'vitest';
import { jsonLog } from './log.ts';

const linesOf = (fields?: Record<string, unknown>, context?: () => Record<string, unknown>) => {
  const lines: string[] = [];
  jsonLog((line) => void lines.push(line), context)('warn', 'something', fields);
  return lines;
};

it('writes one line of JSON, with time and level in the format of CloudWatch', () => {
  const [line = '', ...more] = linesOf({ workspace: 'a\nb' });
  expect(more).toEqual([]);
  expect(line.trimEnd()).not.toContain('\n');
  expect(JSON.parse(line)).toMatchObject({
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    level: 'WARN',
    message: 'something',
    workspace: 'a\nb',
  });
});

it('adds the context as of each message', () => {
  let request = 0;
  const context = () => ({ requestId: `r-${++request}` });
  expect(JSON.parse(linesOf(undefined, context)[0] ?? '')).toMatchObject({ requestId: 'r-1' });
  expect(JSON.parse(linesOf({ replica: 'a' }, context)[0] ?? '')).toMatchObject({ requestId: 'r-2', replica: 'a' });
});

it('writes errors with their causes', () => {
  const error = new TypeError('outer', { cause: new RangeError('inner') });
  const [line = ''] = linesOf({ error });
  expect(JSON.parse(line).error).toMatchObject({
    name: 'TypeError',
    stack: expect.stringContaining('log.test'),
    cause: { name: 'RangeError', message: 'inner' },
  });
});

it.each([
  ['an API token', `berth_0123456789abcdef_${'s'.repeat(43)}`],
  ['a sign-in token', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl'],
  ['an agent token', `ws-01jd000000000000000000000a.2.${'s'.repeat(43)}`],
])('redacts %s in errors, causes and nested fields', (_, secret) => {
  const cause = new Error(`refused ${secret}`);
  const [line = ''] = linesOf({ error: new Error(`for ${secret}`, { cause }), deep: { header: `Bearer ${secret}` } });
  expect(line).not.toContain(secret.slice(-20));
  expect(line).toContain('[secret]');
});

it('limits the length of a text', () => {
  expect(JSON.parse(linesOf({ long: 'x'.repeat(10_000) })[0] ?? '').long).toHaveLength(4_000);
});
