import { describe, expect, it } from 'vitest';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { facets, filterWorkspaces, isFiltered, type StatusFilter } from './filters.ts';
import { rowOf, type WorkspaceRow } from './workspaceRow.ts';

const givenWorkspace = (name: string, changes: Partial<Workspace> = {}): WorkspaceRow =>
  rowOf({
    id: `ws-${name}`,
    name,
    owner: { id: 'p1', name: 'ada' },
    template: { name: 'vscode', displayName: 'VS Code', version: 1, icon: 'code' },
    status: 'running',
    apps: [],
    createdAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  } as Workspace);

const names = (all: readonly WorkspaceRow[]): string[] => all.map(({ name }) => name);

describe('filterWorkspaces', () => {
  const shop = givenWorkspace('shop-api');
  const shared: WorkspaceRow = {
    id: 'ws-other',
    name: 'other',
    owner: { id: 'p2', name: 'linus' },
    status: 'stopped',
    apps: [{ name: 'docs', displayName: 'Docs', icon: 'web', url: 'http://docs--other--linus.x/', health: 'healthy' }],
    ports: [],
  };

  it.each(['', 'shop', 'API', 'code running', 'ada', '  vs  '])('finds by %j', (q) => {
    expect(names(filterWorkspaces([shop], { q }))).toEqual(['shop-api']);
  });

  it.each(['shop stopped', 'linus'])('does not find by %j', (q) => {
    expect(filterWorkspaces([shop], { q })).toEqual([]);
  });

  it('finds a partly shared workspace by its apps', () => {
    expect(names(filterWorkspaces([shop, shared], { q: 'docs' }))).toEqual(['other']);
    expect(names(filterWorkspaces([shop, shared], { template: 'vscode' }))).toEqual(['shop-api']);
    expect(names(filterWorkspaces([shop, shared], { by: 'linus' }))).toEqual(['other']);
  });

  it.each<[StatusFilter, string[]]>([
    ['running', ['shop-api']],
    ['active', ['busy', 'shop-api']],
    ['stopped', ['other']],
    ['failed', []],
  ])('filters by status %s', (status, expected) => {
    const busy = givenWorkspace('busy', { status: 'stopping' });
    expect(names(filterWorkspaces([shop, shared, busy], { status }))).toEqual(expected);
  });

  it('sorts by name, last use, age and status', () => {
    const a = givenWorkspace('a', { lastActivityAt: '2026-01-02T00:00:00.000Z', status: 'stopped' });
    const b = givenWorkspace('b', { createdAt: '2026-02-01T00:00:00.000Z', status: 'failed' });
    const c = givenWorkspace('c', { startedAt: '2026-01-03T00:00:00.000Z' });
    const all = [b, c, a];
    expect(names(filterWorkspaces(all, {}))).toEqual(['a', 'b', 'c']);
    expect(names(filterWorkspaces(all, { sort: 'used' }))).toEqual(['c', 'a', 'b']);
    expect(names(filterWorkspaces(all, { sort: 'newest' }))).toEqual(['b', 'a', 'c']);
    expect(names(filterWorkspaces(all, { sort: 'status' }))).toEqual(['b', 'c', 'a']);
  });
});

describe('facets', () => {
  it('names each template and owner once', () => {
    const all = [givenWorkspace('a'), givenWorkspace('b')];
    expect(facets(all)).toEqual({
      templates: [{ value: 'vscode', label: 'VS Code' }],
      owners: [{ value: 'ada', label: 'ada' }],
    });
  });
});

describe('isFiltered', () => {
  it('ignores the order and blanks', () => {
    expect(isFiltered({ sort: 'used', q: '  ' })).toBe(false);
    expect(isFiltered({ status: 'failed' })).toBe(true);
    expect(isFiltered({ q: 'x' })).toBe(true);
  });
});
