/** A list of reasons per node can be kilobytes long. */
const maxLength = 300;

/** Sanitizes a cluster's message for people: one line, and no signatures of URLs. */
export const sanitizeMessage = (message: string): string => {
  const line = message
    .replaceAll(/(https?:\/\/[^\s?"']+)\?[^\s"']*/g, '$1')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .replace(/\.+$/, '');
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
};
