/** What a figure is made of and how far the run is: for the person who waits, never on stdout. */
export const note = (text: string): void => {
  process.stderr.write(`  ${text}\n`);
};
