/** Enough of a cluster's message to act on; a list of reasons per node can be kilobytes. */
const longest = 300;

/** What a cluster says, fit for a person: one line, and no link that carries a signature. */
export const cleaned = (message: string): string => {
  const line = message
    .replaceAll(/(https?:\/\/[^\s?"']+)\?[^\s"']*/g, '$1')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .replace(/\.+$/, '');
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
};
