import { describe, expect, test } from 'vitest';
import { isPersonsNavigation, isTyped, Novelty } from './activity.ts';

const typed = (text: string) => isTyped(Buffer.from(text, 'latin1'));

describe('input of a terminal', () => {
  test.each([
    ['a letter', 'a'],
    ['Enter', '\r'],
    ['Escape', '\x1b'],
    ['an arrow', '\x1b[A'],
    ['F5', '\x1b[15~'],
    ['Alt and a letter', '\x1bx'],
    ['a mouse click', '\x1b[<0;10;5M'],
    ['a paste in brackets', '\x1b[200~ls\x1b[201~'],
    ['a key as terminals with the Kitty keyboard protocol send it', '\x1b[97;5u'],
    ['a key behind a report', '\x1b[24;80Rq'],
  ])('%s is typed input', (_, text) => expect(typed(text)).toBe(true));

  test.each([
    ['nothing', ''],
    ['the position of the cursor', '\x1b[24;80R'],
    ['its device attributes', '\x1b[?62;22c\x1b[>0;276;0c'],
    ['its status', '\x1b[0n'],
    ['its colors', '\x1b]10;rgb:ffff/ffff/ffff\x07\x1b]11;rgb:0000/0000/0000\x1b\\'],
    ['the active keyboard protocol', '\x1b[?5u'],
    ['a mode', '\x1b[?2026;2$y'],
    ['its name', '\x1bP>|xterm.js(5.5.0)\x1b\\'],
    ['focus and loss of focus', '\x1b[I\x1b[O'],
  ])('a report of the emulator is not typed input: %s', (_, text) => expect(typed(text)).toBe(false));
});

describe('messages of a forwarded port', () => {
  const sent = (sizes: number[]) => {
    const novelty = new Novelty();
    return sizes.map((size) => novelty.isNew(size));
  };
  test('of polls and keep-alives count once', () => {
    const hour = Array.from({ length: 720 }, () => [412, 13, 517, 13]).flat();
    expect(sent(hour).filter((counts) => counts)).toHaveLength(3);
  });
  test('of a person who types continue to count', () => {
    const keys = Array.from({ length: 600 }, (_, key) => 40 + ((key * 7_919) % 97));
    const counted = sent(keys);
    expect(counted.slice(-100)).toContain(true);
  });
  test('of a transfer count while it lasts', () => {
    expect(sent(Array.from({ length: 100 }, () => 32_768))).not.toContain(false);
  });
});

test('a navigation counts if a person started it, not if a script or a timer did', () => {
  expect(isPersonsNavigation({ 'sec-fetch-mode': 'navigate', 'sec-fetch-user': '?1' })).toBe(true);
  expect(isPersonsNavigation({ 'sec-fetch-mode': 'navigate' })).toBe(false);
  expect(isPersonsNavigation({ 'sec-fetch-mode': 'cors' })).toBe(false);
  expect(isPersonsNavigation({})).toBe(false);
});
