/** The terminals of a workspace that a browser tab shows, by name; kept with it, so that a reload finds them again. */
export const firstTab = 'main';

/** More would each hold a connection, a screen and a shell. */
export const mostTabs = 10;

const pattern = /^[a-z0-9][a-z0-9._-]{0,59}$/i;
const key = (workspaceId: string) => `berth.terminals.${workspaceId}`;

type Kept = Pick<Storage, 'getItem' | 'setItem'>;

export const readTabs = (workspaceId: string, storage: Kept): string[] => {
  const names = (storage.getItem(key(workspaceId)) ?? '').split(' ').filter((name) => pattern.test(name));
  return names.length === 0 ? [firstTab] : [...new Set(names)].slice(0, mostTabs);
};

export const writeTabs = (workspaceId: string, names: readonly string[], storage: Kept): void =>
  storage.setItem(key(workspaceId), names.join(' '));

/** The name of a further terminal: the lowest number that is free. */
export const nextTab = (names: readonly string[]): string => {
  let number = 2;
  while (names.includes(`shell-${number}`)) number += 1;
  return `shell-${number}`;
};

/** The tabs with the one that the address names, which may come from a link. */
export const withNamed = (names: readonly string[], named: string): string[] =>
  names.includes(named) || !pattern.test(named) || names.length >= mostTabs ? [...names] : [...names, named];

/** What is shown once a tab is closed: its right neighbour, else its left. */
export const afterClosing = (names: readonly string[], closed: string): string => {
  const at = names.indexOf(closed);
  return names[at + 1] ?? names[at - 1] ?? firstTab;
};
