import { stripVTControlCharacters } from 'node:util';

/** Everything that steers a terminal or turns text around: C0 and C1 controls, line separators, bidirectional marks. */
const steering = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** One line of text that others named, fit for a terminal: what would steer it is shown as `\u001b`. */
export const harmless = (text: string): string => text.replace(steering, escaped);

const [esc, bell] = ['\u001b', '\u0007'];
/** At the end of a piece: an escape sequence that goes on in the next, or half a line end. */
const unfinished = new RegExp(`(${esc}[^${bell}${esc}a-zA-Z]{0,64}|\\r)$`);

/**
 * A log on its way to a terminal: without control sequences, with its lines and tabs. A sequence may lie across two
 * pieces of the log, so an unfinished one waits for the next.
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
