/** xterm.js's IUnicodeVersionProvider. */
interface Provider {
  readonly version: string;
  wcwidth(code: number): 0 | 1 | 2;
  charProperties(code: number, preceding: number): number;
}

interface Unicode {
  register(provider: Provider): void;
  activeVersion: string;
}

/** The common part of @xterm/addon-unicode-graphemes for the browser and for Node. */
interface GraphemesAddon {
  activate(terminal: never): void;
}

/**
 * xterm.js packs a character's properties: bit 0 joins it to the previous one, bits 1 and 2 are its width, then its
 * kind.
 */
const joins = 1;
const widthOf = (properties: number): number => (properties >> 1) & 3;
const withWidth = (properties: number, width: number): number => (properties & ~6) | (width << 1);

/** The first code point whose width this class may correct. */
const first = 0x300;
/** Without regional indicators: each letter of a flag is narrow, the flag is wide. */
const picture = /(?!\p{Regional_Indicator})\p{Emoji_Presentation}/u;
/** Marks, format characters except the visible Arabic and Syriac ones, and Korean vowels and finals. */
const invisible =
  /(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7fb]/u;

/** Gets the provider that the addon registers, without a terminal. */
const providerOf = (addon: GraphemesAddon): Provider => {
  const registered: Provider[] = [];
  const unicode: Unicode = { activeVersion: '', register: (provider) => registered.push(provider) };
  addon.activate({ unicode } as never);
  const found = registered.find(({ version }) => version === '15-graphemes');
  if (found === undefined)
    throw new Error('@xterm/addon-unicode-graphemes does not register the version 15-graphemes.');
  return found;
};

/**
 * Character widths of a terminal, for the browser and for the agent's screen. They are those of
 * @xterm/addon-unicode-graphemes, corrected for newer Unicode and invisible characters, so that they match the widths
 * that shells and editors get from libc. agent/terminal/widths.test.ts lists the exceptions.
 */
export class TerminalWidths {
  readonly #graphemes: Provider;

  constructor(addon: GraphemesAddon) {
    this.#graphemes = providerOf(addon);
  }

  activate({ unicode }: { unicode: Unicode }): void {
    unicode.register({
      version: 'berth',
      wcwidth: (code) => this.#graphemes.wcwidth(code),
      charProperties: (code, preceding) => {
        const usual = this.#graphemes.charProperties(code, preceding);
        if (code < first || (usual & joins) !== 0 || widthOf(usual) !== 1) return usual;
        const character = String.fromCodePoint(code);
        if (picture.test(character)) return withWidth(usual, 2);
        return preceding !== 0 && invisible.test(character) ? preceding | joins : usual;
      },
    });
    unicode.activeVersion = 'berth';
  }

  dispose(): void {}
}
