import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sanitizeLine } from '../../../base/sanitize.ts';
import { TemplateName } from '../../../contracts/values/names.ts';
import { usageError } from '../../io/errors.ts';
import { type Options, outputOf } from '../../io/output.ts';
import { starterNames, starters } from './starters.ts';

interface InitOptions extends Options {
  from: string;
  folder?: string;
}

/** Creates the folder of a new template that passes the lint. */
export const initTemplate = async (name: string, { from, folder = name, ...options }: InitOptions): Promise<void> => {
  if (!TemplateName.safeParse(name).success) {
    throw usageError(
      `Invalid template name "${sanitizeLine(name)}". Use lowercase letters, digits and single hyphens.`,
    );
  }
  const starter = starters[from];
  if (starter === undefined) {
    throw usageError(`There is no starter "${sanitizeLine(from)}". Use one of: ${starterNames.join(', ')}.`);
  }
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw usageError(`${sanitizeLine(folder)} is not empty. Use another folder.`);
  const files = { 'template.yaml': starter.file(name), 'README.md': starter.readme(name) };
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text, { flag: 'wx' });
  const output = outputOf(options);
  output.print(
    { name, folder, files: Object.keys(files) },
    () => `Created the template ${name} in ${sanitizeLine(folder)}.\n`,
  );
  output.note(`Check it with: berth template lint ${folder}\nPublish it with: berth template push ${folder}`);
};
