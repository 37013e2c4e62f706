/**
 * A text as it may be pasted: an escape character in it could end the bracket that tells a shell "this is pasted, do not
 * run it", and other control characters act like keys. Tabs and line ends stay.
 */
export const cleanPaste = (text: string): string => text.replace(/\r\n?/g, '\n').replace(/(?![\t\n])\p{Cc}/gu, '');

/** The lines that a paste has. */
export const linesOf = (text: string): number => text.replace(/\n$/, '').split('\n').length;

/** Whether to ask first: a line end runs what stands before it, where a program takes it for a command. */
export const mustAskToPaste = (text: string): boolean => text.includes('\n');
