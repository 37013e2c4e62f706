import type { IParser } from '@xterm/headless';
import { terminalTheme } from '../../contracts/sessions/terminal-theme.ts';

/** The OSC numbers of the special colors: foreground, background, cursor. */
const specialColors = new Map([
  [10, terminalTheme.foreground],
  [11, terminalTheme.background],
  [12, terminalTheme.cursor],
]);

const cube = [0, 95, 135, 175, 215, 255];
const hex = (...parts: number[]): string => `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

/** A color of the 256-color palette: the theme's 16, a cube of 216, and 24 shades of gray. */
const paletteColor = (index: number): string => {
  const ansi = terminalTheme.ansi[index];
  if (ansi !== undefined) return ansi;
  if (index >= 232) {
    const shade = 8 + 10 * (index - 232);
    return hex(shade, shade, shade);
  }
  const at = index - 16;
  return hex(...[Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((level) => cube[level] ?? 0));
};

/**
 * Parses the digits of `#rgb`, `#rrggbb` or `rgb:r/g/b`; `undefined` for other notations, which xterm.js ignores too.
 */
const parseColor = (color: string): string[] | undefined => {
  const [, ...parts] =
    /^#([\da-f])([\da-f])([\da-f])$/i.exec(color) ??
    /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(color) ??
    /^rgb:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})$/i.exec(color) ??
    [];
  return parts.length === 3 ? parts : undefined;
};

/** The notation of X11, in which terminals report colors: 16 bits for each of red, green and blue. */
const formatReport = (color: string): string =>
  `rgb:${(parseColor(color) ?? []).map((part) => part.repeat(4).slice(0, 4)).join('/')}`;

/** The colors of one terminal. Keeps what programs changed and responds to their color queries. */
export class Colors {
  /** By OSC number and, for the palette, index: `11`, `4;1`. */
  readonly #changed = new Map<string, string>();
  readonly #respond: (text: string) => void;

  constructor(parser: IParser, respond: (text: string) => void) {
    this.#respond = respond;
    parser.registerOscHandler(4, (data) => this.#handlePalette(data));
    parser.registerOscHandler(104, (data) => this.#restorePalette(data));
    for (const [number] of specialColors) {
      parser.registerOscHandler(number, (data) => this.#handleSpecial(number, data));
      parser.registerOscHandler(number + 100, () => this.#changed.delete(String(number)) || true);
    }
  }

  /** The sequences that give another terminal the same colors. */
  serialize(): string {
    return [...this.#changed].map(([name, color]) => `\u001b]${name};${color}\u001b\\`).join('');
  }

  #setOrReport(name: string, defaultColor: string, value: string): void {
    if (value === '?') this.#respond(`\u001b]${name};${formatReport(this.#changed.get(name) ?? defaultColor)}\u001b\\`);
    else if (parseColor(value) !== undefined) this.#changed.set(name, value);
  }

  /** `OSC 4 ; index ; color ; index ; color …` */
  #handlePalette(data: string): boolean {
    const words = data.split(';');
    for (let at = 0; at + 1 < words.length; at += 2) {
      const index = Number(words[at] || Number.NaN);
      if (Number.isInteger(index) && index >= 0 && index < 256) {
        this.#setOrReport(`4;${index}`, paletteColor(index), words[at + 1] ?? '');
      }
    }
    return true;
  }

  #restorePalette(data: string): boolean {
    const indexes = data === '' ? [...this.#changed.keys()].filter((name) => name.startsWith('4;')) : data.split(';');
    for (const index of indexes) this.#changed.delete(index.startsWith('4;') ? index : `4;${index}`);
    return true;
  }

  /** `OSC 10 ; foreground ; background ; cursor`: each further value is the color of the next OSC number. */
  #handleSpecial(first: number, data: string): boolean {
    for (const [offset, value] of data.split(';').entries()) {
      const defaultColor = specialColors.get(first + offset);
      if (defaultColor !== undefined) this.#setOrReport(String(first + offset), defaultColor, value);
    }
    return true;
  }
}
