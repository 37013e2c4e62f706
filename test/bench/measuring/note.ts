/** Prints details and progress to stderr, for the person who waits. */
export const note = (text: string): void => {
  process.stderr.write(`  ${text}\n`);
};
