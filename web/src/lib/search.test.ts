import { expect, it } from 'vitest';
import { matches } from './search.ts';

const workspace = {
  name: 'shop-api',
  status: 'running' as const,
  template: { name: 'vscode', displayName: 'VS Code' },
  owner: { name: 'ada' },
};

it.each(['', 'shop', 'API', 'code running', 'ada', '  vs  '])('finds by %j', (search) => {
  expect(matches(workspace, search)).toBe(true);
});

it.each(['shop stopped', 'linus'])('does not find by %j', (search) => {
  expect(matches(workspace, search)).toBe(false);
});
