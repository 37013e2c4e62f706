/** The part of a step's log that the portal keeps. */
export interface StepLog {
  /** Raw output; at most the last `logLimit` characters. */
  text: string;
  /** Earlier text was dropped. */
  cut: boolean;
  cursor?: string;
  done: boolean;
}

/** In characters: about 5,000 lines, which browsers render without stutter. */
export const logLimit = 400_000;

export const emptyLog: StepLog = { text: '', cut: false, done: false };

interface LogPart {
  chunks: readonly { text: string }[];
  next: string;
  done: boolean;
}

export const appendLog = (log: StepLog, part: LogPart): StepLog => {
  const text = log.text + part.chunks.map((chunk) => chunk.text).join('');
  if (text.length <= logLimit) return { text, cut: log.cut, cursor: part.next, done: part.done };
  const tail = text.slice(-logLimit);
  const wholeLines = tail.slice(tail.indexOf('\n') + 1);
  return { text: wholeLines, cut: true, cursor: part.next, done: part.done };
};

const esc = '\u001b';
/** Operating system commands (titles, links), device strings, control sequences, and two-character escapes. */
const escapeSequences = new RegExp(
  [
    `${esc}[\\]PX^_][^\\u0007${esc}]*(?:\\u0007|${esc}\\\\|$)`,
    `(?:${esc}\\[|\\u009b)[0-?]*[ -/]*(?:[@-~]|$)`,
    `${esc}[ -/]*[0-~]?`,
  ].join('|'),
  'g',
);
/** Control characters and marks that change the text direction. Carriage returns are handled before. */
const otherControls = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** What a terminal would show of a line that a progress bar overwrote. */
const lastWritten = (line: string): string => {
  const kept = line.replace(/\r+$/, '');
  return kept.slice(kept.lastIndexOf('\r') + 1);
};

/** The log without escape sequences, control characters, and marks that change the text direction. */
export const plainText = (raw: string): string =>
  raw.replace(escapeSequences, '').split('\n').map(lastWritten).join('\n').replace(otherControls, '');
