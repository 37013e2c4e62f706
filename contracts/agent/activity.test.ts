import { describe, expect, test } from 'vitest';
import { isPersonsNavigation, isTyped, Novelty } from './activity.ts';

const typed = (text: string) => isTyped(Buffer.from(text, 'latin1'));

describe('in a terminal', () => {
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
  ])('%s is typed', (_, text) => expect(typed(text)).toBe(true));

  test.each([
    ['nothing', ''],
    ['the position of the cursor', '\x1b[24;80R'],
    ['what kind of terminal it is', '\x1b[?62;22c\x1b[>0;276;0c'],
    ['that it is well', '\x1b[0n'],
    ['its colours', '\x1b]10;rgb:ffff/ffff/ffff\x07\x1b]11;rgb:0000/0000/0000\x1b\\'],
    ['which keyboard protocol is on', '\x1b[?5u'],
    ['a mode', '\x1b[?2026;2$y'],
    ['its name', '\x1bP>|xterm.js(5.5.0)\x1b\\'],
    ['that its window is looked at, or not', '\x1b[I\x1b[O'],
  ])('what the emulator reports by itself is not: %s', (_, text) => expect(typed(text)).toBe(false));
});

describe('of a forwarded port', () => {
  const sent = (sizes: number[]) => {
    const novelty = new Novelty();
    return sizes.map((size) => novelty.isNew(size));
  };
  test('polls and keep-alives count once', () => {
    const hour = Array.from({ length: 720 }, () => [412, 13, 517, 13]).flat();
    expect(sent(hour).filter((counts) => counts)).toHaveLength(3);
  });
  test('somebody who types is seen again and again', () => {
    const keys = Array.from({ length: 600 }, (_, key) => 40 + ((key * 7_919) % 97));
    const counted = sent(keys);
    expect(counted.slice(-100)).toContain(true);
  });
  test('a transfer is seen for as long as it lasts', () => {
    expect(sent(Array.from({ length: 100 }, () => 32_768))).not.toContain(false);
  });
});

test('a page that somebody asked for is told from one that a script or a timer loads', () => {
  expect(isPersonsNavigation({ 'sec-fetch-mode': 'navigate', 'sec-fetch-user': '?1' })).toBe(true);
  expect(isPersonsNavigation({ 'sec-fetch-mode': 'navigate' })).toBe(false);
  expect(isPersonsNavigation({ 'sec-fetch-mode': 'cors' })).toBe(false);
  expect(isPersonsNavigation({})).toBe(false);
});
