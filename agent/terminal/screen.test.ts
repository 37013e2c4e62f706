import { SerializeAddon } from '@xterm/addon-serialize';
import { Terminal as Emulator } from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import { TerminalWidths } from '../../contracts/sessions/terminal-widths.ts';
import { UnicodeGraphemesAddon } from './graphemes.ts';
import { Screen } from './screen.ts';
import { cursorShape, isCursorHidden, marginsOf, mouseEncoding } from './xterm-internals.ts';

const columns = 40;
const rows = 10;

const givenScreen = () => {
  const responses: string[] = [];
  const screen = new Screen(columns, rows, {
    respond: (text) => void responses.push(text),
    focusReportsEnabled: () => {},
  });
  return { screen, responses };
};

const givenEmulator = () => {
  const emulator = new Emulator({ cols: columns, rows, allowProposedApi: true, scrollback: 2_000 });
  emulator.loadAddon(new TerminalWidths(new UnicodeGraphemesAddon()));
  return emulator;
};

const write = (screen: Screen, text: string | Buffer) =>
  new Promise<void>((resolve) => screen.write(Buffer.from(text as string), resolve));
const show = (emulator: Emulator, bytes: string | Buffer) =>
  new Promise<void>((resolve) => emulator.write(bytes, resolve));

/** The visible state of a terminal and everything that affects later output. */
const stateOf = (emulator: Emulator) => {
  const serializer = new SerializeAddon();
  emulator.loadAddon(serializer);
  const linesOf = (buffer: typeof emulator.buffer.normal) =>
    Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)?.translateToString(true));
  const { normal, alternate, active } = emulator.buffer;
  return {
    type: active.type,
    cursor: [active.cursorX, active.cursorY],
    normal: linesOf(normal),
    normalCursor: [normal.cursorX, normal.cursorY],
    alternate: linesOf(alternate),
    colors: serializer.serialize({ excludeModes: true }),
    modes: { ...emulator.modes },
    margins: marginsOf(emulator),
    hidden: isCursorHidden(emulator),
    shape: cursorShape(emulator),
    mouse: mouseEncoding(emulator),
  };
};

/** Output of programs before and after a viewer joins. */
const histories: Record<string, { before: string; after: string }> = {
  'an overwritten progress bar': {
    before: '\u001b[32mbuilding\u001b[0m\r\n 10 %\r 50 %\r 99 %',
    after: '\rdone   \r\n$ ',
  },
  'the alternate screen of an editor that exits': {
    before:
      '$ vim x\r\n\u001b[?1049h\u001b[22;0;0t\u001b[?1h\u001b=\u001b[?2004h\u001b[1;9r\u001b[H\u001b[2Jtext\r\n~\r\n~\u001b[9;1H"x" [New]\u001b[?25h\u001b[1;3H',
    after: '\u001b[r\u001b[9;1H\u001b[?1l\u001b>\u001b[?1049l\r\n$ ',
  },
  'a scroll region and a saved cursor': {
    before: 'one\r\ntwo\r\n\u001b7\u001b[2;8r\u001b[8;5Hlast',
    after: '\r\nnext\r\n\u001b8back',
  },
  'origin mode': {
    before: '\u001b[3;6r\u001b[?6h\u001b[2;4Hhere',
    after: '\u001b[1;1Htop\u001b[4;1Hbottom\r\nscrolled',
  },
  'more lines than the screen has': {
    before: Array.from({ length: 60 }, (_, line) => `line ${line}`).join('\r\n'),
    after: '\u001b[A\u001b[Kchanged\r\n\r\n',
  },
  'a line that fills the width, with the cursor after it': {
    before: `$ ${'x'.repeat(columns - 2)}`,
    after: 'wrapped\r\nnext',
  },
  'a full line with the cursor back in it': { before: `${'x'.repeat(columns)}\u001b[11G`, after: 'Y\r\n' },
  'wide characters and colors': {
    before: '\u001b[1;38;5;208;48;2;1;2;3m✅ 日本語 👩‍💻\u001b[7m inverse \u001b[0m\u001b[44m\u001b[K\r\n\u001b[31m',
    after: 'red 🇩🇪\r\n',
  },
  'a full-screen program with mouse, no cursor and a title': {
    before: '\u001b]2;top - demo\u0007\u001b[?1049h\u001b[?1003;1006h\u001b[?25l\u001b[5 q\u001b[?1004h\u001b[4;4Hcpu',
    after: '\u001b[?1003;1006l\u001b[?25h\u001b[0 q\u001b[?1049l$ ',
  },
  'no wrapping, inserting': { before: 'abc\u001b[?7l\u001b[4h\u001b[1;1H', after: `xy\r\n${'z'.repeat(60)}` },
};

describe('a screen', () => {
  it.each(Object.entries(histories))('is the same for a new viewer: %s', async (_, { before, after }) => {
    const { screen } = givenScreen();
    const always = givenEmulator();
    await write(screen, before);
    await show(always, before);
    const joined = givenEmulator();
    await show(joined, 'shown before the connection was lost\u001b[5;7r\u001b[?1049h\u001b[31m');
    await show(joined, screen.snapshot());
    expect(stateOf(joined)).toEqual(stateOf(always));
    await show(always, after);
    await show(joined, after);
    expect(stateOf(joined)).toEqual(stateOf(always));
  });

  it('can be joined between any two bytes', async () => {
    const bytes = Buffer.from('\u001b[31mrä✅\u001b]2;a title\u001b\\\u001bP$qm\u001b\\\u001b[?25l日\u001b[2;3Hend');
    const always = givenEmulator();
    await show(always, bytes);
    for (let at = 0; at <= bytes.length; at += 1) {
      const { screen } = givenScreen();
      const joined = givenEmulator();
      await write(screen, bytes.subarray(0, Math.floor(at / 2)));
      await write(screen, bytes.subarray(Math.floor(at / 2), at));
      await show(joined, screen.snapshot());
      await show(joined, bytes.subarray(at));
      expect(stateOf(joined), `byte ${at}`).toEqual(stateOf(always));
    }
  });

  it('can be joined within an endless sequence, whose data is not kept', async () => {
    const { screen } = givenScreen();
    const always = givenEmulator();
    const chunks = ['shown\u001b]2;', ...Array.from({ length: 50 }, () => 'x'.repeat(64 * 1024))];
    for (const chunk of chunks) {
      await write(screen, chunk);
      await show(always, chunk);
    }
    expect(screen.snapshot().length).toBeLessThan(100_000);
    const joined = givenEmulator();
    await show(joined, screen.snapshot());
    for (const emulator of [always, joined]) await show(emulator, 'more\u0007 and text');
    expect(stateOf(joined)).toEqual(stateOf(always));
    expect(stateOf(joined).normal[0]).toBe('shown and text');
  });

  it('does not make a new viewer respond to a query', async () => {
    const { screen } = givenScreen();
    await write(screen, queries.map(([query]) => query).join(''));
    const joined = givenEmulator();
    const viewerResponses: string[] = [];
    joined.onData((text) => viewerResponses.push(text));
    await show(joined, screen.snapshot());
    expect(viewerResponses).toEqual([]);
  });
});

const queries: [query: string, response: string][] = [
  ['\u001b[c', '\u001b[?1;2c'],
  ['\u001b[>c', '\u001b[>0;276;0c'],
  ['\u001b[5n', '\u001b[0n'],
  ['\u001b[6n', '\u001b[1;1R'],
  ['\u001b[?6n', '\u001b[?1;1R'],
  ['\u001b[>q', '\u001bP>|xterm.js(6.0.0)\u001b\\'],
  ['\u001bP$qr\u001b\\', '\u001bP1$r1;10r\u001b\\'],
  ['\u001b[?2004$p', '\u001b[?2004;2$y'],
  ['\u001b[4$p', '\u001b[4;2$y'],
  ['\u001b]10;?\u0007', '\u001b]10;rgb:d9d9/e8e8/efef\u001b\\'],
  ['\u001b]11;?\u001b\\', '\u001b]11;rgb:0808/1616/2222\u001b\\'],
  ['\u001b]12;?\u0007', '\u001b]12;rgb:7e7e/dada/dddd\u001b\\'],
  ['\u001b]10;?;?\u0007', '\u001b]10;rgb:d9d9/e8e8/efef\u001b\\\u001b]11;rgb:0808/1616/2222\u001b\\'],
  ['\u001b]4;1;?\u0007', '\u001b]4;1;rgb:cccc/0000/0000\u001b\\'],
  ['\u001b]4;196;?\u0007', '\u001b]4;196;rgb:ffff/0000/0000\u001b\\'],
  ['\u001b]4;255;?\u0007', '\u001b]4;255;rgb:eeee/eeee/eeee\u001b\\'],
];

describe('a query', () => {
  it.each(queries)('%j gets its response', async (query, response) => {
    const { screen, responses } = givenScreen();
    await write(screen, query);
    expect(responses.join('')).toBe(response);
  });

  it('of a changed color gets that color, also from the screen of a new viewer', async () => {
    const { screen, responses } = givenScreen();
    await write(screen, '\u001b]11;#fff\u0007\u001b]4;1;rgb:12/34/56;2;?\u0007\u001b]12;nonsense\u0007');
    expect(responses.splice(0)).toEqual(['\u001b]4;2;rgb:4e4e/9a9a/0606\u001b\\']);
    const { screen: other, responses: otherResponses } = givenScreen();
    await write(other, screen.snapshot());
    await write(other, '\u001b]11;?\u0007\u001b]4;1;?\u0007');
    expect(otherResponses).toEqual(['\u001b]11;rgb:ffff/ffff/ffff\u001b\\', '\u001b]4;1;rgb:1212/3434/5656\u001b\\']);
    await write(other, '\u001b]111\u0007\u001b]104\u0007\u001b]11;?\u0007\u001b]4;1;?\u0007');
    expect(otherResponses.slice(2)).toEqual([
      '\u001b]11;rgb:0808/1616/2222\u001b\\',
      '\u001b]4;1;rgb:cccc/0000/0000\u001b\\',
    ]);
  });
});
