import { execFileSync } from 'node:child_process';
import { Terminal } from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import { TerminalWidths } from '../../contracts/sessions/terminal-widths.ts';
import { optional } from '../../test/requirements.ts';
import { UnicodeGraphemesAddon } from './graphemes.ts';

/** The widths of texts according to libc, which shells and editors use; -1 for unknown characters. */
const script = `
import ctypes, json, locale, sys
locale.setlocale(locale.LC_ALL, 'C.UTF-8')
libc = ctypes.CDLL(None)
print(json.dumps([libc.wcswidth(ctypes.c_wchar_p(text), len(text)) for text in json.load(sys.stdin)]))
`;
const libcWidths = (texts: readonly string[]): number[] =>
  JSON.parse(
    execFileSync('python3', ['-c', script], { input: JSON.stringify(texts), encoding: 'utf8', maxBuffer: 1e8 }),
  );

const knowsWidths = (): boolean => {
  try {
    return libcWidths(['a', '日'])[1] === 2;
  } catch {
    // No Python, or a libc without such a locale.
    return false;
  }
};

const screenWidths = async (texts: readonly string[]): Promise<number[]> => {
  const terminal = new Terminal({ cols: 80, rows: 3, allowProposedApi: true });
  terminal.loadAddon(new TerminalWidths(new UnicodeGraphemesAddon()));
  const widths: number[] = [];
  // A cursor position report after each text.
  terminal.onData((report) => widths.push(Number(/;(\d+)R/.exec(report)?.[1]) - 1));
  const queries = texts.map((text) => `\u001b[H${text}\u001b[6n`).join('');
  await new Promise<void>((resolve) => terminal.write(queries, resolve));
  terminal.dispose();
  return widths;
};

/** Code points whose width on the screen differs from libc's, and why that is accepted. */
const exceptions: [why: string, which: RegExp][] = [
  ['vowel signs that are drawn within the preceding letter: a cell of their own would split it', /\p{Mc}/u],
  ['Thai and Lao signs that are written with the preceding letter', /[\u0e33\u0eb3]/u],
  ['sound marks of Kana that are written with the preceding Kana', /[\u302a-\u302d\u3099\u309a\uff9e\uff9f]/u],
  ['the variation selector for emoji, which are wide', /\ufe0f/u],
  ['skin tones, which belong to the preceding emoji', /\p{Emoji_Modifier}/u],
  ['old Kana and Khitan, newer than the addon’s tables', /[\u{16fe4}\u{18b00}-\u{18cff}\u{1aff0}-\u{1b122}]/u],
  ['wide only in old East Asian fonts, not in Unicode', /[\u3248-\u324f\u4dc0-\u4dff]/u],
];

const ready = optional('terminal widths', knowsWidths(), 'Install Debian’s python3; on musl there is no comparison.');

describe.runIf(ready)('the width of a character', () => {
  it('is that of libc for every known character except those listed', async () => {
    const texts: string[] = [];
    for (let code = 0xa0; code < 0x20000; code += 1) {
      if (code < 0xd800 || code > 0xdfff) texts.push(`a${String.fromCodePoint(code)}`);
    }
    const [libc, screen] = [libcWidths(texts), await screenWidths(texts)];
    const others = texts.filter((_, at) => (libc[at] ?? -1) >= 0 && libc[at] !== screen[at]);
    expect(others.filter((text) => !exceptions.some(([, which]) => which.test(text)))).toEqual([]);
    expect(others.length).toBeLessThan(1_000);
    for (const [why, which] of exceptions)
      expect(
        others.some((text) => which.test(text)),
        why,
      ).toBe(true);
  });

  it('of common characters is that of libc', async () => {
    const texts = [
      '✅',
      '❌',
      '⚡',
      '🚀',
      '日本語',
      '한국어',
      'ｆｕｌｌ',
      '“quoted”',
      '→',
      '│',
      '█',
      'é',
      'e\u0301',
      '½',
      '🇩🇪',
      '☃',
    ];
    expect(await screenWidths(texts)).toEqual(libcWidths(texts));
  });

  it('of an emoji sequence is that of one emoji, while libc adds them up', async () => {
    const sequences = ['👩‍💻', '👍🏽', '❤️', '🏴‍☠️'];
    expect(await screenWidths(sequences)).toEqual([2, 2, 2, 2]);
    expect(libcWidths(sequences)).toEqual([4, 4, 1, 3]);
  });
});
