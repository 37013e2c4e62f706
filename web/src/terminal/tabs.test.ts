import { describe, expect, it } from 'vitest';
import { afterClosing, mostTabs, nextTab, readTabs, withNamed, writeTabs } from './tabs.ts';

const givenStorage = () => {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  };
};

describe('tabs', () => {
  it('are kept by workspace, and begin with one', () => {
    const storage = givenStorage();
    expect(readTabs('ws-1', storage)).toEqual(['main']);
    writeTabs('ws-1', ['main', 'shell-2'], storage);
    expect(readTabs('ws-1', storage)).toEqual(['main', 'shell-2']);
    expect(readTabs('ws-2', storage)).toEqual(['main']);
  });

  it('leave aside what is no name, twice there or too much', () => {
    const storage = givenStorage();
    writeTabs('ws-1', ['a', 'a', '../x', ...Array.from({ length: 20 }, (_, number) => `t${number}`)], storage);
    expect(readTabs('ws-1', storage)).toHaveLength(mostTabs);
    expect(readTabs('ws-1', storage)).not.toContain('../x');
  });

  it('are numbered by the lowest free number', () => {
    expect(nextTab(['main'])).toBe('shell-2');
    expect(nextTab(['main', 'shell-2', 'shell-4'])).toBe('shell-3');
  });

  it('take up the one that an address names', () => {
    expect(withNamed(['main'], 'logs')).toEqual(['main', 'logs']);
    expect(withNamed(['main'], 'main')).toEqual(['main']);
    expect(withNamed(['main'], 'a b')).toEqual(['main']);
  });

  it('show a neighbour once one is closed', () => {
    expect(afterClosing(['a', 'b', 'c'], 'b')).toBe('c');
    expect(afterClosing(['a', 'b'], 'b')).toBe('a');
    expect(afterClosing(['a'], 'a')).toBe('main');
  });
});
