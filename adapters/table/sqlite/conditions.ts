import type { Change, Condition, Item, Key, Value } from '../../../core/ports/table.ts';

const attribute = (item: Item | undefined, name: string): Value | undefined =>
  item !== undefined && Object.hasOwn(item, name) ? item[name] : undefined;

/** Returns a counter's value: 0 if it is absent, `undefined` if the attribute is not a number. */
const count = (item: Item | undefined, name: string): number | undefined => {
  const value = attribute(item, name);
  if (value === undefined) return 0;
  return typeof value === 'number' ? value : undefined;
};

/** Returns whether the current item meets a condition. */
export const isMet = ({ absent, present, equals = {}, atMost = {} }: Condition, current: Item | undefined): boolean => {
  if (absent === true && current !== undefined) return false;
  if (present === true && current === undefined) return false;
  const isEqual = ([name, value]: [string, Value]) => attribute(current, name) === value;
  const isAtMost = ([name, limit]: [string, number]) => {
    const value = count(current, name);
    return value !== undefined && value <= limit;
  };
  return Object.entries(equals).every(isEqual) && Object.entries(atMost).every(isAtMost);
};

const sum = (current: Item | undefined, name: string, amount: number): number => {
  const value = count(current, name);
  if (value === undefined) throw new TypeError(`cannot add to "${name}", which is not a number`);
  return value + amount;
};

const added = (key: Key, amounts: Record<string, number>, current: Item | undefined): Item => ({
  ...(current ?? key),
  ...Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, sum(current, name, amount)])),
});

/** Returns the item after a change; `undefined` if the change deletes it. */
export const outcome = (change: Change, current: Item | undefined): Item | undefined => {
  if ('put' in change) return change.put;
  if ('delete' in change) return undefined;
  if ('add' in change) return added(change.add, change.amounts, current);
  return current;
};
