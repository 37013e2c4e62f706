import { renameSync, writeFileSync } from 'node:fs';

/** Replaces a file atomically, readable by its owner only: after a crash it has either its old or its new content. */
export const writeAtomically = (file: string, text: string): void => {
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  renameSync(draft, file);
};
