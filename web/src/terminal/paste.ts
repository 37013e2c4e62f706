/**
 * A text as it may be pasted: an escape character in it could end the bracket that tells a shell "this is pasted, do not
 * run it", and other control characters act like keys. Tabs and line ends stay.
 */
export const cleanPaste = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');

/** The lines that a paste has; a line end after the last counts as one, as it runs what stands before it. */
export const linesOf = (text: string): number => text.split('\n').length;

/** Whether to ask first: several lines, each of which a program may take for a command. */
export const mustAskToPaste = (text: string): boolean => linesOf(text) > 1;
