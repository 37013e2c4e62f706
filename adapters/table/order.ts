/** Order of sort keys in both adapters: by UTF-8 bytes. (JavaScript's `<` goes by UTF-16 and puts emoji elsewhere.) */
export const compareText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const lastCodePoint = 0x10ffff;
const firstSurrogate = 0xd800;
const afterSurrogates = 0xe000;

/**
 * The first text, in order of UTF-8 bytes, after all those that begin with `prefix`: its last character raised by one.
 * `undefined` when there is none, because the prefix holds nothing but U+10FFFF.
 */
export const afterPrefix = (prefix: string): string | undefined => {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === lastCodePoint) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...points, last + 1 === firstSurrogate ? afterSurrogates : last + 1);
};
