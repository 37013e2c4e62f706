/**
 * Compares sort keys by UTF-8 bytes in both adapters. JavaScript's `<` compares UTF-16 and orders emoji differently.
 */
export const compareText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const lastCodePoint = 0x10ffff;
const firstSurrogate = 0xd800;
const afterSurrogates = 0xe000;

/**
 * Returns the first string, in order of UTF-8 bytes, after all strings that begin with `prefix`: its last character is
 * incremented. Returns `undefined` if there is none, because the prefix consists only of U+10FFFF.
 */
export const afterPrefix = (prefix: string): string | undefined => {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === lastCodePoint) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...points, last + 1 === firstSurrogate ? afterSurrogates : last + 1);
};
