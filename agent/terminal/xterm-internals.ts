import type { Terminal } from '@xterm/headless';

/** Undocumented parts of @xterm/headless 6.0, some of which its own serialize addon uses too. The version is pinned. */
interface XtermInternals {
  _core: {
    /** The active buffer. `savedY` counts from the first line of the scrollback. */
    buffer: { scrollTop: number; scrollBottom: number; savedX: number; savedY: number; ybase: number };
    coreService: {
      isCursorHidden: boolean;
      decPrivateModes: { cursorStyle?: 'block' | 'underline' | 'bar'; cursorBlink?: boolean };
    };
    coreMouseService: { activeEncoding: string };
    _inputHandler: { _parser: { currentState: number } };
  };
}

const coreOf = (terminal: Terminal): XtermInternals['_core'] => (terminal as unknown as XtermInternals)._core;

const groundState = 0;

/** Whether the parser is inside an escape sequence. */
export const isInSequence = (terminal: Terminal): boolean =>
  coreOf(terminal)._inputHandler._parser.currentState !== groundState;

/** The scroll region and the saved cursor (DECSC) of the active buffer, each only if it is set. */
export const marginsOf = (terminal: Terminal) => {
  const { scrollTop, scrollBottom, savedX, savedY, ybase } = coreOf(terminal).buffer;
  const hasRegion = scrollTop !== 0 || scrollBottom !== terminal.rows - 1;
  return {
    region: hasRegion ? { top: scrollTop, bottom: scrollBottom } : undefined,
    saved: savedX === 0 && savedY === 0 ? undefined : { column: savedX, row: Math.max(0, savedY - ybase) },
  };
};

export const isCursorHidden = (terminal: Terminal): boolean => coreOf(terminal).coreService.isCursorHidden;

/** The parameter of DECSCUSR for the cursor's shape; `undefined` for the default shape. */
export const cursorShape = (terminal: Terminal): number | undefined => {
  const { cursorStyle, cursorBlink } = coreOf(terminal).coreService.decPrivateModes;
  return cursorStyle && { block: 2, underline: 4, bar: 6 }[cursorStyle] - (cursorBlink ? 1 : 0);
};

/** `DEFAULT`, `SGR` or `SGR_PIXELS`. */
export const mouseEncoding = (terminal: Terminal): string => coreOf(terminal).coreMouseService.activeEncoding;
