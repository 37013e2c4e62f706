import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { parseDocument } from 'yaml';
import * as z from 'zod';
import { TemplateName } from '../contracts/names.ts';
import { Parameter, templateLimits } from '../contracts/template.ts';
import { usageError } from './failure.ts';
import { harmless } from './harmless.ts';

export interface TemplateFolder {
  /** As the file says; what else is wrong with the file is the server's to tell. */
  name: string;
  file: string;
  readme?: string;
}

/** Reads `template.yaml` and `README.md` of a folder. Nothing outside it is read, wherever links in it lead. */
export const readTemplateFolder = async (folder: string): Promise<TemplateFolder> => {
  const file = await readInside(folder, 'template.yaml', templateLimits.file);
  if (file === undefined) {
    throw usageError(`There is no template.yaml in ${harmless(folder)}. Name the folder of a template.`);
  }
  const readme = await readInside(folder, 'README.md', templateLimits.readme);
  return { name: nameIn(file, folder), file, ...(readme === undefined ? {} : { readme }) };
};

/** What its form asks; `undefined` when that cannot be told before the file is corrected. */
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

/** A folder that is not there, or is none, has no files. */
const unlessMissing = async (path: Promise<string>): Promise<string | undefined> => {
  try {
    return await path;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};
