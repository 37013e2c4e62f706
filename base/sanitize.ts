import { stripVTControlCharacters } from 'node:util';

/** Characters that control a terminal or reorder text: C0 and C1 controls, line separators, bidirectional controls. */
const controlCharacters = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Sanitizes one line of untrusted text for a terminal: control characters are escaped, such as `\u001b`. */
export const sanitizeLine = (text: string): string => text.replace(controlCharacters, escaped);

/** Sanitizes untrusted text like `sanitizeLine`, but keeps its line ends. */
export const sanitizeLines = (text: string): string => text.split('\n').map(sanitizeLine).join('\n');

const [esc, bell] = ['\u001b', '\u0007'];
/** An escape sequence or a CRLF that is incomplete at the end of a chunk. */
const incompleteEnd = new RegExp(`(${esc}[^${bell}${esc}a-zA-Z]{0,64}|\\r)$`);

/**
 * Returns a stateful function that removes control sequences from the chunks of a log and keeps line ends and tabs. A
 * sequence can be split across two chunks, so an incomplete one is buffered until the next chunk.
 */
export const logSanitizer = (): ((chunk: string) => string) => {
  let buffered = '';
  return (chunk) => {
    const text = buffered + chunk;
    buffered = incompleteEnd.exec(text)?.[0] ?? '';
    return stripVTControlCharacters(text.slice(0, text.length - buffered.length))
      .replace(/\r\n?/g, '\n')
      .replace(controlCharacters, (character) => (character === '\n' || character === '\t' ? character : ''));
  };
};
