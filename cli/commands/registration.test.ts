import { expect, test } from 'vitest';
import { workspaceReference } from './registration.ts';

test('a name and an id stay unchanged', () => {
  expect(workspaceReference('demo')).toBe('demo');
  expect(workspaceReference('ws-01jd000000000000000000000a')).toBe('ws-01jd000000000000000000000a');
});

test('owner/name becomes the form that hosts of apps use', () => {
  expect(workspaceReference('ada/demo')).toBe('demo--ada');
});

test.each(['/demo', 'ada/', 'a/b/c', '/'])('%s is refused', (text) => {
  expect(() => workspaceReference(text)).toThrow('ada/demo');
});
