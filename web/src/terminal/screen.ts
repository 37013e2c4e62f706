import { FitAddon } from '@xterm/addon-fit';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { type ITerminalOptions, Terminal } from '@xterm/xterm';
import { copyText } from '../lib/clipboard.ts';

const reducedMotion = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

const theme = {
  background: '#081622',
  foreground: '#d9e8ef',
  cursor: '#7edadd',
  selectionBackground: '#2c5a72',
  black: '#1b2d3d',
  brightBlack: '#7d93a5',
  blue: '#6fb1ff',
  brightBlue: '#9fcbff',
};

/** What the page does for a screen. */
export interface ScreenActs {
  openLink: (address: string) => void;
  find: () => void;
  /** Puts the focus outside: Tab is the terminal's own. */
  leave: () => void;
}

const modifiers = ({ ctrlKey, shiftKey, altKey, metaKey }: KeyboardEvent): string =>
  [ctrlKey && 'Ctrl', altKey && 'Alt', shiftKey && 'Shift', metaKey && 'Meta'].filter(Boolean).join('+');

/**
 * Keys that are the page's. Ctrl+C copies what is selected, as everywhere else; with nothing selected it interrupts, as in
 * every terminal. Pasting is left to the browser, which alone may read the clipboard unasked.
 */
const ownKeys =
  (terminal: Terminal, acts: ScreenActs) =>
  (event: KeyboardEvent): boolean => {
    if (event.type !== 'keydown') return true;
    const keys = `${modifiers(event)} ${event.code}`;
    if (keys === 'Ctrl KeyV' || keys === 'Ctrl+Shift KeyV') return false;
    const act = {
      'Ctrl KeyC': terminal.hasSelection() ? () => void copySelection(terminal) : undefined,
      'Ctrl+Shift KeyC': () => void copySelection(terminal),
      'Ctrl+Shift KeyF': acts.find,
      'Shift F6': acts.leave,
    }[keys];
    if (act === undefined) return true;
    event.preventDefault();
    act();
    return false;
  };

/** What is selected, and where nothing is (a finger cannot select), what is on the screen. */
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
  /** Makes it as large as its element, unless that is hidden. */
  fit: () => void;
}

export type ScreenOptions = Pick<ITerminalOptions, 'fontSize' | 'screenReaderMode'>;

/** A terminal's screen inside an element, as large as that is. */
export const makeScreen = (element: HTMLElement, options: ScreenOptions, acts: ScreenActs): Screen => {
  const activate = (_: MouseEvent, address: string) => acts.openLink(address);
  const terminal = new Terminal({
    theme,
    fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
    scrollback: 10_000,
    cursorBlink: !reducedMotion(),
    macOptionIsMeta: true,
    // Links that a program writes itself, which may show one address and lead to another: web pages only.
    linkHandler: { activate },
    ...options,
  });
  const fitting = new FitAddon();
  terminal.loadAddon(fitting);
  terminal.loadAddon(new WebLinksAddon(activate));
  terminal.attachCustomKeyEventHandler(ownKeys(terminal, acts));
  terminal.open(element);
  const fill = () => {
    if (element.offsetParent !== null) fitting.fit();
  };
  fill();
  return { terminal, fit: fill };
};

const arrows = { up: 'A', down: 'B', right: 'C', left: 'D' } as const;
export type Arrow = keyof typeof arrows;

/** What an arrow key sends, which programs such as editors may change. */
export const arrowKey = (terminal: Terminal, arrow: Arrow): string =>
  `\u001b${terminal.modes.applicationCursorKeysMode ? 'O' : '['}${arrows[arrow]}`;
