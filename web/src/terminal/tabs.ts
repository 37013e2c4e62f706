/** Names of the terminals that a browser tab shows, kept in its session storage to survive a reload. */
export const firstTab = 'main';

/** Each terminal costs a connection, a screen and a shell. */
export const maxTabs = 10;

const pattern = /^[a-z0-9][a-z0-9._-]{0,59}$/i;
const key = (workspaceId: string) => `berth.terminals.${workspaceId}`;

type TabStorage = Pick<Storage, 'getItem' | 'setItem'>;

export const readTabs = (workspaceId: string, storage: TabStorage): string[] => {
  const names = (storage.getItem(key(workspaceId)) ?? '').split(' ').filter((name) => pattern.test(name));
  return names.length === 0 ? [firstTab] : [...new Set(names)].slice(0, maxTabs);
};

export const writeTabs = (workspaceId: string, names: readonly string[], storage: TabStorage): void =>
  storage.setItem(key(workspaceId), names.join(' '));

/** The name of the next terminal, with the lowest free number. */
export const nextTab = (names: readonly string[]): string => {
  let number = 2;
  while (names.includes(`shell-${number}`)) number += 1;
  return `shell-${number}`;
};

/** Adds the terminal that the URL names, which may come from a link. */
export const withNamed = (names: readonly string[], named: string): string[] =>
  names.includes(named) || !pattern.test(named) || names.length >= maxTabs ? [...names] : [...names, named];

/** The tab to show after another is closed: the one to its right, or else to its left. */
export const tabAfterClosing = (names: readonly string[], closed: string): string => {
  const at = names.indexOf(closed);
  return names[at + 1] ?? names[at - 1] ?? firstTab;
};
