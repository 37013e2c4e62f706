/** A list of reasons per node can be kilobytes long. */
const maxLength = 300;

/** Makes a cluster's message fit for people: one line, and no signed URLs. */
export const cleanMessage = (message: string): string => {
  const line = message
    .replaceAll(/(https?:\/\/[^\s?"']+)\?[^\s"']*/g, '$1')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .replace(/\.+$/, '');
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
};
