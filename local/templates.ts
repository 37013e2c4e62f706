import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BerthError } from '../core/errors.ts';
import type { Rules } from '../core/rules.ts';
import { publishTemplate } from '../core/templates/publish.ts';
import { StartError } from './settings.ts';

/** Publishes every template folder; one that did not change keeps its version. `StartError` for a file that is wrong. */
export const publishFolder = async (rules: Rules, folder: string): Promise<string[]> => {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const published: string[] = [];
  for (const { name } of names) {
    const source = join(folder, name, 'template.yaml');
    if (!existsSync(source)) continue;
    const readme = join(folder, name, 'README.md');
    try {
      const { version } = await publishTemplate(rules, 'system', {
        yaml: readFileSync(source, 'utf8'),
        readme: existsSync(readme) ? readFileSync(readme, 'utf8') : undefined,
        source,
      });
      published.push(`${name}@${version}`);
    } catch (error) {
      if (error instanceof BerthError && error.name === 'invalid_template') throw new StartError(error.message);
      throw error;
    }
  }
  return published;
};
