import { stripVTControlCharacters } from 'node:util';

/** Characters that control a terminal or reorder text: C0 and C1 controls, line separators, bidirectional controls. */
const steering = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Sanitizes one line of untrusted text for a terminal: control characters are escaped, such as `\u001b`. */
export const harmless = (text: string): string => text.replace(steering, escaped);

const [esc, bell] = ['\u001b', '\u0007'];
/** An escape sequence or a CRLF that is incomplete at the end of a chunk. */
const unfinished = new RegExp(`(${esc}[^${bell}${esc}a-zA-Z]{0,64}|\\r)$`);

/**
 * Returns a stateful filter that removes control sequences from a log and keeps line ends and tabs. A sequence can be
 * split across two chunks, so an incomplete one is held until the next chunk.
 */
export const logFilter = (): ((piece: string) => string) => {
  let held = '';
  return (piece) => {
    const text = held + piece;
    held = unfinished.exec(text)?.[0] ?? '';
    return stripVTControlCharacters(text.slice(0, text.length - held.length))
      .replace(/\r\n?/g, '\n')
      .replace(steering, (character) => (character === '\n' || character === '\t' ? character : ''));
  };
};
