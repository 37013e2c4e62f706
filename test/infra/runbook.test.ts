import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { synthesize } from './synth.ts';

const runbook = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');

/** The anchors of the headings. */
const anchors = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-'),
);

/** All alarms but the one that puts the gateway to sleep, which notifies nobody. */
const alarms = synthesize()
  .ofType('AWS::CloudWatch::Alarm')
  .filter(([id]) => !id.includes('GatewaySleep'))
  .map(([id, { Properties }]): [string, Record<string, unknown>] => [id, Properties]);

test('there are alarms', () => {
  expect(alarms.length).toBeGreaterThan(10);
});

test.each(alarms)(
  '%s notifies the topic, and links to its article',
  (_, { AlarmDescription, AlarmActions, OKActions }) => {
    expect(AlarmActions).toHaveLength(1);
    expect(OKActions).toHaveLength(1);
    const [, anchor] = /docs\/runbook\.md#([a-z-]+)$/.exec(String(AlarmDescription)) ?? [];
    expect(anchors).toContain(anchor);
  },
);
