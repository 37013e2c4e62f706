import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { synthesize } from './synth.ts';

const runbook = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');

/** Headings as a reader's link names them. */
const anchors = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-'),
);

/** All but the one that puts the gateway to sleep, which tells nobody. */
const alarms = synthesize()
  .ofType('AWS::CloudWatch::Alarm')
  .filter(([id]) => !id.includes('GatewaySleep'))
  .map(([id, { Properties }]): [string, Record<string, unknown>] => [id, Properties]);

test('there are alarms', () => {
  expect(alarms.length).toBeGreaterThan(10);
});

test.each(alarms)('%s tells somebody, and leads to its article', (_, { AlarmDescription, AlarmActions, OKActions }) => {
  expect(AlarmActions).toHaveLength(1);
  expect(OKActions).toHaveLength(1);
  const [, anchor] = /docs\/runbook\.md#([a-z-]+)$/.exec(String(AlarmDescription)) ?? [];
  expect(anchors).toContain(anchor);
});
