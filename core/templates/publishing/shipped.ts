import type { Rules } from '../../rules.ts';
import { parseTemplate } from '../file/parse.ts';
import { activeVersionOf, type VersionRecord } from '../template-record.ts';
import { listVersions, loadTemplate } from '../template-store.ts';
import { digestOf, type Published, publishedOf, publishTemplate, type TemplateFolder } from './publish.ts';

/**
 * Publishes a template that comes with Berth if its folder changed since Berth last published it. A version that a
 * person made active stays active, and people can promote the new one.
 */
export const publishShipped = async (
  rules: Pick<Rules, 'table' | 'clock' | 'log'>,
  folder: TemplateFolder,
): Promise<Published> => {
  const { name } = parseTemplate(folder.yaml, folder.source, folder.name);
  const template = await loadTemplate(rules.table, name);
  if (template === undefined) return publishTemplate(rules, 'system', folder);
  const shipped = await newestShipped(rules, name);
  if (shipped?.digest === digestOf(folder)) return publishedOf(template, false);
  const promote = activeVersionOf(template) === shipped?.version;
  return publishTemplate(rules, 'system', { ...folder, promote });
};

const newestShipped = async (rules: Pick<Rules, 'table' | 'log'>, name: string): Promise<VersionRecord | undefined> => {
  let cursor: string | undefined;
  do {
    const page = await listVersions(rules, name, { limit: 50, cursor });
    const found = page.items.find(({ createdBy }) => createdBy === undefined);
    if (found !== undefined) return found;
    cursor = page.next;
  } while (cursor !== undefined);
  return undefined;
};
