import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Terminal } from '@xterm/headless';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnicodeGraphemesAddon } from '../../agent/terminal/graphemes.ts';
import { channel } from '../../contracts/sessions/session.ts';
import { TerminalWidths } from '../../contracts/sessions/terminal-widths.ts';
import { optional } from '../../test/requirements.ts';
import { isInstalled } from '../../test/support/clients/ssh.ts';
import {
  atEnd,
  type Berth,
  cleanUp,
  givenBerth,
  givenWorkspace,
  untilReady,
  type Workspace,
} from '../testing/harness.ts';
import { givenSessionOf, type Session } from '../testing/session.ts';

let berth: Berth;
let workspace: Workspace;

beforeEach(async () => {
  berth = await givenBerth();
  workspace = await givenWorkspace(berth);
  berth.rules.bearers.set('token-of-ada', 'ada');
  await untilReady(berth);
});
afterEach(cleanUp);

interface Size {
  columns: number;
  rows: number;
}

/** A viewer of the terminal `main`: a session, and the screen that it displays. */
class Viewer {
  readonly session: Session;
  readonly #screen: Terminal;
  /** What the viewer's own screen would send in response to queries. */
  readonly responses: string[] = [];

  constructor(session: Session, { columns, rows }: Size) {
    this.session = session;
    this.#screen = new Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#screen.loadAddon(new TerminalWidths(new UnicodeGraphemesAddon()));
    this.#screen.onData((text) => this.responses.push(text));
    session.socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return this.#screen.write(data.subarray(1));
      const reply = JSON.parse(data.toString());
      if (reply.columns !== undefined) this.#screen.write('', () => this.#screen.resize(reply.columns, reply.rows));
    });
    atEnd(() => {
      session.socket.removeAllListeners('message');
      this.#screen.dispose();
    });
  }

  type(text: string): void {
    this.session.type(text);
  }

  get lines(): string[] {
    const { active } = this.#screen.buffer;
    return Array.from({ length: this.#screen.rows }, (_, row) =>
      active.getLine(active.baseY + row)?.translateToString(true),
    ).map((line) => line ?? '');
  }

  get size(): Size {
    return { columns: this.#screen.cols, rows: this.#screen.rows };
  }

  shows(text: string) {
    return expect.poll(() => this.lines.join('\n')).toContain(text);
  }

  /** Resolves when the agent has received everything that was sent before. */
  async flushed(): Promise<void> {
    const pong = once(this.session.socket, 'pong');
    this.session.socket.ping();
    await pong;
  }

  async focus(focused: boolean): Promise<void> {
    this.session.send({ type: 'focus', focused });
    await this.flushed();
  }

  leave(): void {
    this.session.socket.terminate();
  }
}

const usual: Size = { columns: 80, rows: 24 };

const givenViewer = async (size: Size = usual): Promise<Viewer> => {
  const session = await givenSessionOf(berth, workspace.name, 'terminal', { terminal: 'main', ...size });
  const viewer = new Viewer(session, size);
  await expect.poll(() => session.pid).toBeDefined();
  return viewer;
};

const inHome = (name: string) => join(workspace.home, name);
const contentOf = (name: string) => (existsSync(inHome(name)) ? readFileSync(inHome(name), 'latin1') : '');

/** A command that sends a query to the terminal and writes the response to a file. */
const queryCommand = (query: string, bytes: number, into: string) =>
  `stty -echo raw; printf '${query}'; head -c ${bytes} > ${into}; stty sane; echo queried-$((1+1))\r`;

describe('a query of a program', () => {
  const response = '\u001b[?1;2c\u001b[>0;276;0c';

  it.each([1, 2, 3])('gets one response with %i viewers, from none of them', async (count) => {
    const viewers = await Promise.all(Array.from({ length: count }, () => givenViewer()));
    const [first] = viewers as [Viewer];
    first.type(queryCommand('\\033[c\\033[>c', response.length, 'response'));
    for (const viewer of viewers) await viewer.shows('queried-2');
    expect(contentOf('response')).toBe(response);
    // A second response would have reached the prompt by now, and be part of this command.
    first.type('echo "<$((1 + 1))>"; cat > rest\r');
    await first.shows('<2>');
    first.type('\u0004');
    first.type('echo done-$((1+1))\r');
    await first.shows('done-2');
    expect(contentOf('rest')).toBe('');
  });

  it('gets a response without viewers', async () => {
    const viewer = await givenViewer();
    const query = "printf '\\033]11;?\\007\\033[6n'";
    viewer.type(
      `echo waits-$((1+1)); until [ -e go ]; do sleep 0.05; done; stty -echo raw; ${query}; head -c 30 > response; stty sane\r`,
    );
    await viewer.shows('waits-2');
    viewer.leave();
    await expect.poll(() => berth.rules.activity.length).toBeGreaterThan(0);
    writeFileSync(inHome('go'), '');
    await expect.poll(() => contentOf('response')).toContain('\u001b]11;rgb:0808/1616/2222\u001b\\\u001b[');
  });

  it('is dropped, not stored, if the program never reads responses', async () => {
    const viewer = await givenViewer();
    const resident = () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${workspace.agent.pid}/status`, 'utf8'))?.[1]);
    viewer.type('stty -echo raw; yes "$(printf \'\\033[6n\')" | head -c 3000000; stty sane; touch ended\r');
    // Not checked on the screen, where responses in the kernel's buffer become the shell's next line.
    await expect.poll(() => existsSync(inHome('ended')), { timeout: 90_000 }).toBe(true);
    expect(resident()).toBeLessThan(250_000);
  });
});

describe('a viewer that joins a terminal', () => {
  it('receives its screen without queries, and its own screen types nothing', async () => {
    const viewer = await givenViewer();
    // Reads up to the last character of the last response, so that `cat` receives none of them.
    const queries = "printf '\\033[c\\033]11;?\\007\\033[>q\\033[6n'; read -r -t 30 -d R responses";
    viewer.type(`${queries}; clear; cat > file\r`);
    await expect.poll(() => existsSync(inHome('file'))).toBe(true);
    viewer.leave();
    const again = await givenViewer();
    await again.shows('');
    const third = await givenViewer();
    third.type('a line\r\u0004');
    third.type('echo done-$((1+1))\r');
    await third.shows('done-2');
    await again.shows('done-2');
    expect(contentOf('file')).toBe('a line\n');
    expect([...again.responses, ...third.responses]).toEqual([]);
  });

  it('does not type into a program that waits for one key', async () => {
    const viewer = await givenViewer();
    viewer.type(
      "printf '\\033[c'; read -r -t 30 -d c response; clear; printf 'k%s? ' ey; read -n1 key; echo \"<$key>\"\r",
    );
    await viewer.shows('key?');
    viewer.leave();
    const again = await givenViewer();
    await again.shows('key?');
    again.type('y');
    await again.shows('<y>');
  });

  it('sees an overwritten line as it is', async () => {
    const viewer = await givenViewer();
    viewer.type("clear; for n in 10 50 99; do printf '\\r%s %%' $n; done; read -n1\r");
    await viewer.shows('99 %');
    const again = await givenViewer();
    await again.shows('99 %');
    expect(again.lines).toEqual(viewer.lines);
  });

  it('sees the same as earlier viewers, also in the middle of a flood', async () => {
    const viewer = await givenViewer();
    viewer.type('clear; seq 200000; echo done-$((1+1))\r');
    await viewer.shows('1');
    const joined = [];
    for (let count = 0; count < 5; count += 1) joined.push(await givenViewer());
    await expect.poll(() => viewer.lines.join('\n'), { timeout: 90_000 }).toContain('done-2');
    for (const other of joined) {
      await other.shows('done-2');
      expect(other.lines).toEqual(viewer.lines);
    }
  });

  describe.runIf(
    optional(
      'terminals with vim and less',
      isInstalled('vim') && isInstalled('less'),
      'Install Debian’s vim and less.',
    ),
  )('while a program uses the alternate screen', () => {
    it.each([
      ['vim', 'vim -u NONE -N big', ':set nu\r', ':q!\r'],
      ['less', 'less big', 'G', 'q'],
    ])("sees %s, and the shell's screen after it", async (_, command, key, quit) => {
      writeFileSync(inHome('big'), Array.from({ length: 500 }, (_, line) => `line ${line} of it`).join('\n'));
      const viewer = await givenViewer();
      viewer.type('clear; echo before-$((1+1))\r');
      await viewer.shows('before-2');
      viewer.type(`${command}\r`);
      await viewer.shows('line 3 of it');
      viewer.type(key);
      await viewer.shows(key === 'G' ? 'line 499 of it' : '  1 line 0');
      viewer.leave();
      const again = await givenViewer();
      await again.shows(key === 'G' ? 'line 499 of it' : '  1 line 0');
      expect(again.lines).toEqual(viewer.lines);
      again.type(quit);
      await again.shows('before-2');
      again.type('echo "<$((2 + 1))>"\r');
      await again.shows('<3>');
      expect(again.lines.join('\n')).not.toMatch(/rgb:|\d+R|\d+c\b|command not found/);
    });
  });
});

describe('the size of a terminal', () => {
  const large: Size = { columns: 120, rows: 40 };
  const small: Size = { columns: 60, rows: 15 };
  const sizeInside = async (viewer: Viewer) => {
    writeFileSync(inHome('size'), '');
    viewer.type('stty size > size\r');
    await expect.poll(() => contentOf('size')).not.toBe('');
    const [rows, columns] = contentOf('size').split(' ').map(Number);
    return { columns, rows };
  };

  it('is that of the viewer who typed or focused last, and stays when another joins', async () => {
    const one = await givenViewer(large);
    const two = await givenViewer(small);
    await expect.poll(() => two.size).toEqual(large);
    expect(one.size).toEqual(large);
    await two.focus(true);
    await expect.poll(() => one.size).toEqual(small);
    expect(await sizeInside(one)).toEqual(large);
    await expect.poll(() => two.size).toEqual(large);
    expect(await sizeInside(two)).toEqual(small);
    one.session.send({ type: 'resize', columns: 100, rows: 30 });
    expect(await sizeInside(two)).toEqual(small);
    two.leave();
    await expect.poll(() => one.size).toEqual({ columns: 100, rows: 30 });
    expect(await sizeInside(one)).toEqual({ columns: 100, rows: 30 });
  });

  it('is that of a viewer who joins after the only one left', async () => {
    const one = await givenViewer(large);
    expect(await sizeInside(one)).toEqual(large);
    one.leave();
    const two = await givenViewer(small);
    await expect.poll(() => two.size).toEqual(small);
    expect(await sizeInside(two)).toEqual(small);
  });
});

describe('the focus', () => {
  it('is reported to a program that requested it, once for all viewers, and to no other', async () => {
    const one = await givenViewer();
    const two = await givenViewer();
    await one.focus(true);
    one.type(
      "stty -echo raw; printf '\\033[?1004h'; head -c 9 > focus; printf '\\033[?1004l'; stty sane; echo done-$((1+1))\r",
    );
    await expect.poll(() => one.session.text()).toContain('\u001b[?1004h');
    await two.focus(true);
    await one.focus(false);
    await two.focus(false);
    await two.focus(true);
    await one.shows('done-2');
    expect(contentOf('focus')).toBe('\u001b[I\u001b[O\u001b[I');
    await one.focus(true);
    two.type('echo "<$((1 + 1))>"; cat > rest\r');
    await two.shows('<2>');
    await two.focus(false);
    two.type('\u0004echo again-$((1+1))\r');
    await one.shows('again-2');
    expect(contentOf('rest')).toBe('');
  });
});

describe('activity', () => {
  it('is what a person types, not joining, focusing, resizing or a query of a program', async () => {
    const viewer = await givenViewer();
    viewer.type('(sleep 0.5; printf "\\033[c\\033[6n" > $(tty); echo > queried) & \r');
    await expect.poll(() => berth.rules.activity.length).toBeGreaterThan(0);
    await expect.poll(() => existsSync(inHome('queried'))).toBe(true);
    const before = berth.rules.activity.length;
    viewer.leave();
    for (let time = 0; time < 3; time += 1) {
      const again = await givenViewer({ columns: 90 + time, rows: 30 });
      await again.focus(true);
      again.session.send({ type: 'resize', columns: 70, rows: 20 + time });
      await expect.poll(() => again.size).toEqual({ columns: 70, rows: 20 + time });
      again.leave();
    }
    const last = await givenViewer();
    expect(berth.rules.activity.length).toBe(before);
    last.type('a');
    await expect.poll(() => berth.rules.activity.length).toBe(before + 1);
  });
});

describe('a paste', () => {
  it('of 6 MB arrives complete, however slowly the program reads', async () => {
    const viewer = await givenViewer();
    const text = Array.from(
      { length: 120_000 },
      (_, line) => `line ${line} of a text, with ünïcödé and $(touch run)`,
    ).join('\n');
    const pasted = `\u001b[200~${text}\u001b[201~`;
    const bytes = Buffer.from(pasted);
    expect(bytes.length).toBeGreaterThan(6_000_000);
    viewer.type(
      `stty -echo raw; printf '\\033[?2004h'; echo ready; sleep 1; head -c ${bytes.length} | sha256sum > sum; stty sane; echo done-$((1+1))\r`,
    );
    await viewer.shows('ready');
    const chunkBytes = 32 * 1024;
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      viewer.session.socket.send(Buffer.concat([Buffer.of(channel.stdin), bytes.subarray(at, at + chunkBytes)]));
    }
    const sum = createHash('sha256').update(bytes).digest('hex');
    await expect.poll(() => contentOf('sum'), { timeout: 90_000 }).toContain(sum);
  });
});
