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

test('a host label is taken apart in one way only, which is how it was put together', () => {
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

test('whatever label is read, is written the same', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9-]{1,63}$/), (label) => {
      const read = parseAppLabel(label);
      expect(read === undefined || appLabel(read) === label).toBe(true);
    }),
  );
});

describe('a port', () => {
  test.each(['1', '80', '3000', '65535'])('%s stands where an app’s name does', (port) => {
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
  ])('is not spelled %j', (port) => {
    expect(parseAppLabel(`${port}--demo--ada`)).toBeUndefined();
    expect(portOf(port)).toBeUndefined();
  });

  test('is no app’s name', () => {
    expect(portOf('web')).toBeUndefined();
    expect(portOf('a80')).toBeUndefined();
  });
});
