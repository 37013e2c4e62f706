import { describe, expect, it } from 'vitest';
import { maxTabs, nextTab, readTabs, tabAfterClosing, withNamed, writeTabs } from './tabs.ts';

const givenStorage = () => {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  };
};

describe('tabs', () => {
  it('are stored by workspace, and start with one', () => {
    const storage = givenStorage();
    expect(readTabs('ws-1', storage)).toEqual(['main']);
    writeTabs('ws-1', ['main', 'shell-2'], storage);
    expect(readTabs('ws-1', storage)).toEqual(['main', 'shell-2']);
    expect(readTabs('ws-2', storage)).toEqual(['main']);
  });

  it('ignore invalid and duplicate names, and those over the limit', () => {
    const storage = givenStorage();
    writeTabs('ws-1', ['a', 'a', '../x', ...Array.from({ length: 20 }, (_, number) => `t${number}`)], storage);
    expect(readTabs('ws-1', storage)).toHaveLength(maxTabs);
    expect(readTabs('ws-1', storage)).not.toContain('../x');
  });

  it('get the lowest free number', () => {
    expect(nextTab(['main'])).toBe('shell-2');
    expect(nextTab(['main', 'shell-2', 'shell-4'])).toBe('shell-3');
  });

  it('include the one in the URL', () => {
    expect(withNamed(['main'], 'logs')).toEqual(['main', 'logs']);
    expect(withNamed(['main'], 'main')).toEqual(['main']);
    expect(withNamed(['main'], 'a b')).toEqual(['main']);
  });

  it('show a neighbor after one is closed', () => {
    expect(tabAfterClosing(['a', 'b', 'c'], 'b')).toBe('c');
    expect(tabAfterClosing(['a', 'b'], 'b')).toBe('a');
    expect(tabAfterClosing(['a'], 'a')).toBe('main');
  });
});
