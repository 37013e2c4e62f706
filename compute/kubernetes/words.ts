/** Enough of a cluster's message to act on; a list of reasons per node can be kilobytes. */
const longest = 300;

/** What a cluster says, fit for a person: one line, and no link that carries a signature. */
export const cleaned = (message: string): string => {
  const line = message
    .replaceAll(/(https?:\/\/[^\s?"']+)\?[^\s"']*/g, '$1')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, ' ')
    .trim()
    .replace(/\.+$/, '');
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
};
