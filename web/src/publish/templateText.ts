/** The offset of a line and column, both counted from 1; the nearest one if the position is outside the text. */
export const offsetOf = (text: string, line: number, column: number): number => {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const end = text.indexOf('\n', start);
    if (end === -1) return text.length;
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return Math.min(start + Math.max(0, column - 1), end === -1 ? text.length : end);
};

/** The template name in a template.yaml that may not parse yet. */
export const nameInFile = (text: string): string | undefined =>
  /^name:[ \t]*["']?([a-z][a-z0-9-]{0,39})["']?[ \t]*(?:#.*)?$/m.exec(text)?.[1];
