import { expect, test } from 'vitest';
import { workspaceReference } from './reference.ts';

test('a name of one’s own and an id stay as they are', () => {
  expect(workspaceReference('demo')).toBe('demo');
  expect(workspaceReference('ws-01jd000000000000000000000a')).toBe('ws-01jd000000000000000000000a');
});

test('another person’s is named as in its addresses', () => {
  expect(workspaceReference('ada/demo')).toBe('demo--ada');
});

test.each(['/demo', 'ada/', 'a/b/c', '/'])('%s names nothing', (text) => {
  expect(() => workspaceReference(text)).toThrow('ada/demo');
});
