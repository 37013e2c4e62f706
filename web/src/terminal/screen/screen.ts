import { FitAddon } from '@xterm/addon-fit';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { type ITerminalOptions, Terminal } from '@xterm/xterm';
import { terminalTheme } from '../../../../contracts/sessions/terminal-theme.ts';
import { TerminalWidths } from '../../../../contracts/sessions/terminal-widths.ts';
import { copyText } from '../../lib/clipboard.ts';
import type { Size } from '../connection/connection.ts';

const reducedMotion = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

const { ansi, background, foreground, cursor } = terminalTheme;
const [black, red, green, yellow, blue, magenta, cyan, white, ...bright] = ansi;
const [brightBlack, brightRed, brightGreen, brightYellow, brightBlue, brightMagenta, brightCyan, brightWhite] = bright;
const theme = {
  background,
  foreground,
  cursor,
  selectionBackground: '#2c5a72',
  ...{ black, red, green, yellow, blue, magenta, cyan, white },
  ...{ brightBlack, brightRed, brightGreen, brightYellow, brightBlue, brightMagenta, brightCyan, brightWhite },
};

/** Actions that the page performs for a screen. */
export interface ScreenActions {
  openLink: (address: string) => void;
  find: () => void;
  /** Moves the focus out of the terminal, which Tab cannot do. */
  leave: () => void;
}

const modifiers = ({ ctrlKey, shiftKey, altKey, metaKey }: KeyboardEvent): string =>
  [ctrlKey && 'Ctrl', altKey && 'Alt', shiftKey && 'Shift', metaKey && 'Meta'].filter(Boolean).join('+');

/**
 * Shortcuts that the page handles. Ctrl+C copies a selection, and interrupts if there is none. Pasting is left to the
 * browser, because only it can read the clipboard without a permission prompt.
 */
const pageShortcuts =
  (terminal: Terminal, actions: ScreenActions) =>
  (event: KeyboardEvent): boolean => {
    if (event.type !== 'keydown') return true;
    const keys = `${modifiers(event)} ${event.code}`;
    if (keys === 'Ctrl KeyV' || keys === 'Ctrl+Shift KeyV') return false;
    const act = {
      'Ctrl KeyC': terminal.hasSelection() ? () => void copySelection(terminal) : undefined,
      'Ctrl+Shift KeyC': () => void copySelection(terminal),
      'Ctrl+Shift KeyF': actions.find,
      'Shift F6': actions.leave,
    }[keys];
    if (act === undefined) return true;
    event.preventDefault();
    act();
    return false;
  };

/** The selection, or the visible screen if nothing is selected: touch cannot select. */
export const selectedText = (terminal: Terminal): string => {
  if (terminal.hasSelection()) return terminal.getSelection();
  const { active } = terminal.buffer;
  const lines = Array.from({ length: terminal.rows }, (_, row) =>
    active.getLine(active.viewportY + row)?.translateToString(true),
  );
  return lines.join('\n').trimEnd();
};

const copySelection = async (terminal: Terminal): Promise<void> => {
  if (!terminal.hasSelection()) return;
  if (await copyText(terminal.getSelection())) terminal.clearSelection();
};

export interface Screen {
  terminal: Terminal;
  /** The size that fits the element; the current size if it is hidden. */
  availableSize: () => Size;
}

export type ScreenOptions = Pick<ITerminalOptions, 'fontSize' | 'screenReaderMode'>;

/** Creates a terminal inside an element. */
export const createScreen = (element: HTMLElement, options: ScreenOptions, actions: ScreenActions): Screen => {
  const activate = (_: MouseEvent, address: string) => actions.openLink(address);
  const terminal = new Terminal({
    theme,
    fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
    // At the default of 1, the underscores of DejaVu Sans Mono are cut off at the bottom of the cell.
    lineHeight: 1.2,
    scrollback: 10_000,
    cursorBlink: !reducedMotion(),
    macOptionIsMeta: true,
    allowProposedApi: true,
    // OSC 8 links may show one URL and open another, so they go through the same check.
    linkHandler: { activate },
    ...options,
  });
  const fitting = new FitAddon();
  terminal.loadAddon(fitting);
  terminal.loadAddon(new WebLinksAddon(activate));
  // The same character widths as the screen of the agent (agent/terminal/screen.ts).
  terminal.loadAddon(new TerminalWidths(new UnicodeGraphemesAddon()));
  terminal.attachCustomKeyEventHandler(pageShortcuts(terminal, actions));
  terminal.open(element);
  const availableSize = () => {
    const { cols, rows } = (element.offsetParent !== null && fitting.proposeDimensions()) || terminal;
    return { columns: cols, rows };
  };
  return { terminal, availableSize: availableSize };
};

const arrows = { up: 'A', down: 'B', right: 'C', left: 'D' } as const;
export type Arrow = keyof typeof arrows;

/** The sequence of an arrow key, which depends on the mode that the program set. */
export const arrowKey = (terminal: Terminal, arrow: Arrow): string =>
  `\u001b${terminal.modes.applicationCursorKeysMode ? 'O' : '['}${arrows[arrow]}`;
