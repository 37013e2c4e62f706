import { stripVTControlCharacters } from 'node:util';

/** Everything that steers a terminal or turns text around: C0 and C1 controls, line separators, bidirectional marks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const steering = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** One line of text that others named, fit for a terminal: what would steer it is shown as `\u001b`. */
export const harmless = (text: string): string => text.replace(steering, escaped);

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence that has not ended yet
const unfinished = /(\u001b[^\u0007\u001ba-zA-Z]{0,64}|\r)$/;

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
