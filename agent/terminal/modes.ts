import type { IBuffer, Terminal } from '@xterm/headless';
import { cursorShape, isCursorHidden, marginsOf, mouseEncoding } from './xterm-internals.ts';

const mouse = { none: '', x10: '\u001b[?9h', vt200: '\u001b[?1000h', drag: '\u001b[?1002h', any: '\u001b[?1003h' };
const encodings: Record<string, string> = { SGR: '\u001b[?1006h', SGR_PIXELS: '\u001b[?1016h' };

/**
 * The sequences that give another terminal the same modes. @xterm/addon-serialize is not used for them: it omits the
 * mouse encoding and the cursor's shape and visibility, and sets origin mode, which moves the cursor.
 */
export const serializeModes = (terminal: Terminal): string => {
  const { modes } = terminal;
  const shape = cursorShape(terminal);
  const sequences: [isSet: boolean, sequence: string][] = [
    [modes.applicationCursorKeysMode, '\u001b[?1h'],
    [modes.applicationKeypadMode, '\u001b='],
    [modes.bracketedPasteMode, '\u001b[?2004h'],
    [modes.insertMode, '\u001b[4h'],
    [modes.reverseWraparoundMode, '\u001b[?45h'],
    [modes.sendFocusMode, '\u001b[?1004h'],
    [!modes.wraparoundMode, '\u001b[?7l'],
    [isCursorHidden(terminal), '\u001b[?25l'],
    [shape !== undefined, `\u001b[${shape} q`],
  ];
  const set = sequences.filter(([isSet]) => isSet).map(([, sequence]) => sequence);
  return set.join('') + mouse[modes.mouseTrackingMode] + (encodings[mouseEncoding(terminal)] ?? '');
};

const cursorTo = (column: number, row: number): string => `\u001b[${row + 1};${column + 1}H`;

/**
 * Moves the cursor to its position in a buffer, after the buffer's text. A cursor past the last column, from where the
 * next character wraps, is not moved: no sequence can put it there, but the text before did.
 */
export const serializeCursor = ({ cursorX, cursorY }: IBuffer, columns: number): string =>
  cursorX < columns ? cursorTo(cursorX, cursorY) : '';

/**
 * The cursor of the active buffer with its scroll region, origin mode and saved cursor, in an order that ends at the
 * cursor's position.
 */
export const serializeCursorAndMargins = (terminal: Terminal): string => {
  const { buffer, cols, modes } = terminal;
  const { cursorX, cursorY } = buffer.active;
  const { region, saved } = marginsOf(terminal);
  if (region === undefined && !modes.originMode && cursorX >= cols) return '';
  const column = Math.min(cursorX, cols - 1);
  return [
    saved === undefined ? '' : `${cursorTo(saved.column, saved.row)}\u001b7`,
    region === undefined ? '' : `\u001b[${region.top + 1};${region.bottom + 1}r`,
    modes.originMode ? `\u001b[?6h${cursorTo(column, cursorY - (region?.top ?? 0))}` : cursorTo(column, cursorY),
  ].join('');
};
