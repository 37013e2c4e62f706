import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file that only this user may read: whole or not at all, whatever ends this process or machine meanwhile. */
export const writeWhole = (file: string, text: string): void => {
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  renameSync(draft, file);
};
