/**
 * The colors of a terminal's screen. The portal paints with them, and the agent returns them to programs that query the
 * colors (OSC 4, 10, 11, 12), for example to choose between a dark and a light theme.
 */
export const terminalTheme = {
  background: '#081622',
  foreground: '#d9e8ef',
  cursor: '#7edadd',
  /** The sixteen ANSI colors: the first eight, then their bright variants. */
  ansi: [
    '#1b2d3d',
    '#cc0000',
    '#4e9a06',
    '#c4a000',
    '#6fb1ff',
    '#75507b',
    '#06989a',
    '#d3d7cf',
    '#7d93a5',
    '#ef2929',
    '#8ae234',
    '#fce94f',
    '#9fcbff',
    '#ad7fa8',
    '#34e2e2',
    '#eeeeec',
  ],
} as const;
