import { expect, it } from 'vitest';
import { openTarget } from './openTarget.ts';

const demo = { app: 'web', workspace: 'demo', owner: 'ada' };

it('parses the label and keeps the path', () => {
  expect(openTarget({ app: 'web--demo--ada', path: '/a?b=c' })).toEqual({ ...demo, path: '/a?b=c' });
  expect(openTarget({ app: 'web--demo--ada' })).toEqual({ ...demo, path: '/' });
});

it.each(['//evil.example', '/\\evil.example', `/?${'a'.repeat(7_000)}`])(
  'keeps %j, which stands behind the origin of the app',
  (path) => {
    expect(openTarget({ app: 'web--demo--ada', path })).toEqual({ ...demo, path });
  },
);

it.each([
  [undefined, '/'],
  ['web--demo', '/'],
  ['web--demo--ada--x', '/'],
  ['web--demo--Ada', '/'],
  ['web--demo--ada.evil.example', '/'],
  ['web--demo--ada', 'https://evil.example'],
  ['web--demo--ada', 'web'],
])('rejects app %j with path %j', (app, path) => {
  expect(openTarget({ ...(app === undefined ? {} : { app }), path })).toBeUndefined();
});
