/** The terminal modes of RFC 4254, section 8, and their names in stty. */
const characters: Record<number, string> = {
  1: 'intr',
  2: 'quit',
  3: 'erase',
  4: 'kill',
  5: 'eof',
  6: 'eol',
  7: 'eol2',
  8: 'start',
  9: 'stop',
  10: 'susp',
  12: 'rprnt',
  13: 'werase',
  14: 'lnext',
};

const flags: Record<number, string> = {
  30: 'ignpar',
  31: 'parmrk',
  32: 'inpck',
  33: 'istrip',
  34: 'inlcr',
  35: 'igncr',
  36: 'icrnl',
  38: 'ixon',
  39: 'ixany',
  40: 'ixoff',
  41: 'imaxbel',
  42: 'iutf8',
  50: 'isig',
  51: 'icanon',
  53: 'echo',
  54: 'echoe',
  55: 'echok',
  56: 'echonl',
  57: 'noflsh',
  58: 'tostop',
  59: 'iexten',
  60: 'echoctl',
  61: 'echoke',
  70: 'opost',
  72: 'onlcr',
  73: 'ocrnl',
  74: 'onocr',
  75: 'onlret',
};

const disabledCharacter = 255;

/**
 * Formats a character for stty: `^C`, itself, or its number of more than one digit. A space is not a word, so it
 * is skipped.
 */
const sttyCharacter = (value: number): string | undefined => {
  if (value >= disabledCharacter) return 'undef';
  if (value < 32 || value === 127) return `^${String.fromCharCode(value ^ 64)}`;
  if (value === 32) return undefined;
  return value < 127 ? String.fromCharCode(value) : String(value);
};

/** A mode of one byte and its value of four. */
const modeBytes = 5;

/** The arguments of stty for the terminal modes of a `pty-req`. Modes that stty does not know are skipped. */
export const sttyWords = (modes: Buffer): string[] => {
  const words: string[] = [];
  for (let at = 0; at + modeBytes <= modes.length; at += modeBytes) {
    const mode = modes[at] ?? 0;
    // 0 ends the list. From 160 on, the length of values is not defined.
    if (mode === 0 || mode >= 160) break;
    const value = modes.readUInt32BE(at + 1);
    const character = characters[mode];
    const flag = flags[mode];
    const set = character && sttyCharacter(value);
    if (character && set) words.push(character, set);
    if (flag !== undefined) words.push(value === 0 ? `-${flag}` : flag);
  }
  return words;
};
