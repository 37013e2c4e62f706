import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AppHost, appLabel, parseAppLabel, parseWorkspaceLabel, portOf, workspaceLabel } from './names.ts';

const host = fc.record({
  app: fc.oneof(
    fc.stringMatching(/^[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,7})?$/).filter((app) => app !== 'xn'),
    fc.integer({ min: 1, max: 65_535 }).map(String),
  ),
  workspace: fc.stringMatching(/^[a-z][a-z0-9]{0,11}(-[a-z0-9]{1,12})?$/),
  owner: fc.stringMatching(/^[a-z][a-z0-9]{0,7}(-[a-z0-9]{1,8})?$/),
});

test('a host label is parsed into the names that it was made of, and in no other way', () => {
  fc.assert(
    fc.property(host, (given: AppHost) => {
      const label = appLabel(given);
      expect(label.length).toBeLessThanOrEqual(63);
      expect(parseAppLabel(label)).toEqual(given);
      expect(label).toBe(`${given.app}--${workspaceLabel(given)}`);
      expect(parseWorkspaceLabel(label)).toBeUndefined();
      expect(parseWorkspaceLabel(workspaceLabel(given))).toEqual({ workspace: given.workspace, owner: given.owner });
    }),
  );
});

test('a label that can be parsed is written in the same way', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9-]{1,63}$/), (label) => {
      const read = parseAppLabel(label);
      expect(read === undefined || appLabel(read) === label).toBe(true);
    }),
  );
});

describe('a port', () => {
  test.each(['1', '80', '3000', '65535'])('%s takes the place of an app’s name', (port) => {
    expect(parseAppLabel(`${port}--demo--ada`)).toEqual({ app: port, workspace: 'demo', owner: 'ada' });
    expect(portOf(port)).toBe(Number(port));
  });

  test.each([
    '0',
    '00',
    '080',
    '65536',
    '99999',
    '100000',
    '-1',
    '+80',
    '8_0',
    '8e1',
    '0x50',
    ' 80',
    '80 ',
    '80\n',
    '８０',
    '٨٠',
    '80.0',
    '',
  ])('is not written as %j', (port) => {
    expect(parseAppLabel(`${port}--demo--ada`)).toBeUndefined();
    expect(portOf(port)).toBeUndefined();
  });

  test('is not the name of an app', () => {
    expect(portOf('web')).toBeUndefined();
    expect(portOf('a80')).toBeUndefined();
  });
});
