import { SerializeAddon } from '@xterm/addon-serialize';
import { Terminal } from '@xterm/headless';
import { TerminalWidths } from '../../contracts/sessions/terminal-widths.ts';
import { Colors } from './colors.ts';
import { UnicodeGraphemesAddon } from './graphemes.ts';
import { incompleteSequence } from './incomplete-sequence.ts';
import { serializeCursor, serializeCursorAndMargins, serializeModes } from './modes.ts';
import { isInSequence } from './xterm-internals.ts';

/** The default of tmux. A line of 120 columns takes 1.4 KB. */
const scrollbackLines = 2_000;

/** The response to XTVERSION queries. */
const version = '\u001bP>|xterm.js(6.0.0)\u001b\\';

const reset = '\u001bc';
/** The sequence with which @xterm/addon-serialize switches from the normal to the alternate buffer. */
const enterAlternateBuffer = '\u001b[?1049h\u001b[H';

const titleSequence = (title: string): string => (title === '' ? '' : `\u001b]2;${title}\u001b\\`);

interface ScreenEvents {
  /** Writes the terminal's response to a query to the program's input. */
  respond(text: string): void;
  /** Called when a program enables focus reports (mode 1004). */
  focusReportsEnabled(): void;
}

/**
 * The screen of a terminal, kept in the agent. A new viewer is sent its current state, and only the screen responds to
 * queries of programs, however many viewers there are. Writes are applied in order, some milliseconds later.
 */
export class Screen {
  readonly #terminal: Terminal;
  readonly #serializer = new SerializeAddon();
  readonly #colors: Colors;
  #title = '';
  #incomplete: Buffer = Buffer.alloc(0);
  #backlog = 0;

  constructor(columns: number, rows: number, { respond, focusReportsEnabled }: ScreenEvents) {
    const options = {
      cols: columns,
      rows,
      scrollback: scrollbackLines,
      allowProposedApi: true,
      logLevel: 'off' as const,
    };
    this.#terminal = new Terminal(options);
    const { parser } = this.#terminal;
    this.#terminal.loadAddon(new TerminalWidths(new UnicodeGraphemesAddon()));
    this.#terminal.loadAddon(this.#serializer);
    this.#terminal.onData(respond);
    this.#terminal.onTitleChange((title) => {
      this.#title = title;
    });
    this.#colors = new Colors(parser, respond);
    parser.registerCsiHandler({ prefix: '>', final: 'q' }, () => {
      respond(version);
      return true;
    });
    parser.registerCsiHandler({ prefix: '?', final: 'h' }, (modes) => {
      if (modes.includes(1004)) this.#terminal.write('', focusReportsEnabled);
      return false;
    });
  }

  /** Bytes that were written but not yet applied. */
  get backlog(): number {
    return this.#backlog;
  }

  get wantsFocusReports(): boolean {
    return this.#terminal.modes.sendFocusMode;
  }

  write(bytes: Buffer, written: () => void): void {
    this.#backlog += bytes.length;
    this.#terminal.write(bytes, () => {
      this.#backlog -= bytes.length;
      this.#incomplete = incompleteSequence(this.#incomplete, bytes, isInSequence(this.#terminal));
      written();
    });
  }

  resize(columns: number, rows: number): void {
    this.afterWrites(() => this.#terminal.resize(columns, rows));
  }

  /** Calls back when all earlier writes were applied and no later one was. */
  afterWrites(then: () => void): void {
    this.#terminal.write('', then);
  }

  /** The bytes that give another terminal of the same size the same state. Call it in `afterWrites`. */
  snapshot(): Buffer {
    const { buffer, cols } = this.#terminal;
    const [normal = '', alternate] = this.#serializer.serialize({ excludeModes: true }).split(enterAlternateBuffer);
    const text = [
      reset,
      this.#colors.serialize(),
      titleSequence(this.#title),
      normal,
      ...(alternate === undefined ? [] : [serializeCursor(buffer.normal, cols), enterAlternateBuffer, alternate]),
      serializeCursorAndMargins(this.#terminal),
      serializeModes(this.#terminal),
    ].join('');
    return Buffer.concat([Buffer.from(text), this.#incomplete]);
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}
