import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { parseDocument } from 'yaml';
import * as z from 'zod';
import { Parameter } from '../../../contracts/templates/parameters.ts';
import { templateLimits } from '../../../contracts/templates/template-file.ts';
import { TemplateName } from '../../../contracts/values/names.ts';
import { usageError } from '../../io/failure.ts';
import { harmless } from '../../io/harmless.ts';

export interface TemplateFolder {
  /** The name from the file. The server reports all other errors in the file. */
  name: string;
  file: string;
  readme?: string;
}

/** Reads `template.yaml` and `README.md` of a folder. Nothing outside the folder is read, even through links. */
export const readTemplateFolder = async (folder: string): Promise<TemplateFolder> => {
  const file = await readInside(folder, 'template.yaml', templateLimits.file);
  if (file === undefined) {
    throw usageError(`There is no template.yaml in ${harmless(folder)}. Name the folder of a template.`);
  }
  const readme = await readInside(folder, 'README.md', templateLimits.readme);
  return { name: nameIn(file, folder), file, ...(readme === undefined ? {} : { readme }) };
};

/** The template's parameters; `undefined` if the file is invalid. */
export const parametersIn = (file: string): Parameter[] | undefined => {
  const values: unknown = parseDocument(file, { prettyErrors: false }).toJS({ maxAliasCount: 100 });
  return z.object({ parameters: z.array(Parameter).default([]) }).safeParse(values).data?.parameters;
};

const nameIn = (file: string, folder: string): string => {
  const document = parseDocument(file, { prettyErrors: false });
  const name = TemplateName.safeParse(document.get('name'));
  if (name.success) return name.data;
  throw usageError(
    `The template.yaml in ${harmless(folder)} has no name that a template may have. Begin it with one, such as "name: linux".`,
  );
};

const readInside = async (folder: string, name: string, maxBytes: number): Promise<string | undefined> => {
  const file = await unlessMissing(realpath(join(folder, name)));
  if (file === undefined) return undefined;
  const told = `${name} in ${harmless(folder)}`;
  if (!file.startsWith((await realpath(folder)) + sep)) {
    throw usageError(`${told} is a link out of the folder, which is not followed. Put the file itself there.`);
  }
  const stats = await stat(file);
  if (!stats.isFile()) throw usageError(`${told} is no file. Put one there.`);
  if (stats.size > maxBytes) throw usageError(`${told} is larger than ${maxBytes / 1024} KB. Make it smaller.`);
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
