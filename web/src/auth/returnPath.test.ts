import { describe, expect, it } from 'vitest';
import { homePath, isLocalPath, returnPath } from './returnPath.ts';

describe('isLocalPath', () => {
  it.each(['/', '/workspaces/demo?start=1', '/a//b', '/%2F%2Fevil'])('accepts %j', (path) => {
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
    `/${'a'.repeat(9_000)}`,
  ])('rejects %j', (path) => {
    expect(isLocalPath(path)).toBe(false);
  });
});

describe('returnPath', () => {
  it('keeps the page with its query', () => {
    expect(returnPath('/workspaces/demo?start=1')).toBe('/workspaces/demo?start=1');
  });

  it('keeps the fragment, which cannot change the host', () => {
    expect(returnPath('/open?app=web--demo--ada#/deep/\\x?y=1')).toBe('/open?app=web--demo--ada#/deep/\\x?y=1');
    for (const path of ['//evil.example#x', '/\\evil.example#x', '/#x', '/a#b\nc'])
      expect(returnPath(path)).toBe(homePath);
  });

  it.each(['/', '/?x=1', '/signed-in?code=a', '//evil.example', undefined])('is the home page for %j', (path) => {
    expect(returnPath(path)).toBe(homePath);
  });
});
