import { FitAddon } from '@xterm/addon-fit';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';

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

/** Ctrl+C copies what is selected, as everywhere else; with nothing selected it interrupts, as in every terminal. */
const copyByKey = (terminal: Terminal) => (event: KeyboardEvent) => {
  const copies = event.type === 'keydown' && event.ctrlKey && event.code === 'KeyC' && terminal.hasSelection();
  if (!copies) return true;
  event.preventDefault();
  void navigator.clipboard.writeText(terminal.getSelection()).then(() => terminal.clearSelection());
  return false;
};

export interface Screen {
  terminal: Terminal;
  fit: () => void;
}

/** A terminal's screen inside an element, as large as that is. */
export const makeScreen = (element: HTMLElement): Screen => {
  const terminal = new Terminal({
    theme,
    fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
    fontSize: 14,
    scrollback: 10_000,
    cursorBlink: !reducedMotion(),
    macOptionIsMeta: true,
  });
  const fitting = new FitAddon();
  terminal.loadAddon(fitting);
  terminal.loadAddon(new WebLinksAddon());
  terminal.attachCustomKeyEventHandler(copyByKey(terminal));
  terminal.open(element);
  fitting.fit();
  return { terminal, fit: () => fitting.fit() };
};

const arrows = { up: 'A', down: 'B', right: 'C', left: 'D' } as const;
export type Arrow = keyof typeof arrows;

/** What an arrow key sends, which programs such as editors may change. */
export const arrowKey = (terminal: Terminal, arrow: Arrow): string =>
  `\u001b${terminal.modes.applicationCursorKeysMode ? 'O' : '['}${arrows[arrow]}`;
