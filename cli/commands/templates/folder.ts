import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { parseDocument } from 'yaml';
import * as z from 'zod';
import { sanitizeLine } from '../../../base/sanitize.ts';
import { Parameter } from '../../../contracts/templates/parameters.ts';
import { templateLimits } from '../../../contracts/templates/template-file.ts';
import { TemplateName } from '../../../contracts/values/names.ts';
import { usageError } from '../../io/errors.ts';

interface TemplateFolder {
  /** The name from the file. The server reports all other errors in the file. */
  name: string;
  file: string;
  readme?: string;
}

/** Reads `template.yaml` and `README.md` of a folder. Nothing outside the folder is read, even through links. */
export const readTemplateFolder = async (folder: string): Promise<TemplateFolder> => {
  const file = await readInside(folder, 'template.yaml', templateLimits.file);
  if (file === undefined) {
    throw usageError(`There is no template.yaml in ${sanitizeLine(folder)}. Use the folder of a template.`);
  }
  const readme = await readInside(folder, 'README.md', templateLimits.readme);
  return { name: parseName(file, folder), file, ...(readme === undefined ? {} : { readme }) };
};

/** The template's parameters; `undefined` if the file is invalid. */
export const parseParameterDefinitions = (file: string): Parameter[] | undefined => {
  const values: unknown = parseDocument(file, { prettyErrors: false }).toJS({ maxAliasCount: 100 });
  return z.object({ parameters: z.array(Parameter).default([]) }).safeParse(values).data?.parameters;
};

const parseName = (file: string, folder: string): string => {
  const document = parseDocument(file, { prettyErrors: false });
  const name = TemplateName.safeParse(document.get('name'));
  if (name.success) return name.data;
  throw usageError(`The template.yaml in ${sanitizeLine(folder)} has no valid name. Add one, such as "name: linux".`);
};

const readInside = async (folder: string, name: string, maxBytes: number): Promise<string | undefined> => {
  const file = await unlessMissing(realpath(join(folder, name)));
  if (file === undefined) return undefined;
  const label = `${name} in ${sanitizeLine(folder)}`;
  if (!file.startsWith((await realpath(folder)) + sep)) {
    throw usageError(`${label} is a link to a file outside of the folder. Replace it with the file itself.`);
  }
  const stats = await stat(file);
  if (!stats.isFile()) throw usageError(`${label} is not a file. Replace it with one.`);
  if (stats.size > maxBytes) throw usageError(`${label} is larger than ${maxBytes / 1024} KB. Shorten it.`);
  return readFile(file, 'utf8');
};

/** Returns `undefined` if the path does not exist or its parent is not a folder. */
const unlessMissing = async (path: Promise<string>): Promise<string | undefined> => {
  try {
    return await path;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};
