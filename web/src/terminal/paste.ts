/**
 * Removes control characters except tabs and line breaks. An escape character could end the bracketed paste, so that a
 * shell runs the rest; other control characters act as keys.
 */
export const sanitizePaste = (text: string): string => text.replace(/\r\n?/g, '\n').replace(/(?![\t\n])\p{Cc}/gu, '');

export const countLines = (text: string): number => text.replace(/\n$/, '').split('\n').length;

/** A line break may make a shell run the line before it. */
export const needsPasteConfirmation = (text: string): boolean => text.includes('\n');
