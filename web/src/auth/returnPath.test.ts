import { describe, expect, it } from 'vitest';
import { homePath, isLocalPath, returnPath } from './returnPath.ts';

describe('isLocalPath', () => {
  it.each(['/', '/workspaces/demo?start=1', '/a//b', '/%2F%2Fevil'])('takes %j', (path) => {
    expect(isLocalPath(path)).toBe(true);
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    '\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/a\nb',
    '/a\\b',
    ' /a',
    '',
    undefined,
    ['/a'],
    `/${'a'.repeat(2_000)}`,
  ])('refuses %j', (path) => {
    expect(isLocalPath(path)).toBe(false);
  });
});

describe('returnPath', () => {
  it('keeps the page with its query', () => {
    expect(returnPath('/workspaces/demo?start=1')).toBe('/workspaces/demo?start=1');
  });

  it.each(['/', '/?x=1', '/signed-in?code=a', '//evil.example', undefined])('leads home from %j', (path) => {
    expect(returnPath(path)).toBe(homePath);
  });
});
