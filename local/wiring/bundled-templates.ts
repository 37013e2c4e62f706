import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../base/log.ts';
import { BerthError } from '../../core/errors.ts';
import type { Rules } from '../../core/rules.ts';
import { publishShipped } from '../../core/templates/publishing/shipped.ts';
import { StartError } from '../settings/settings.ts';

/**
 * Publishes every template folder that changed since the last start; a version that an admin made active stays active.
 * Throws `StartError` if a file is invalid.
 */
export const publishTemplates = async (rules: Rules, folder: string, log: Log): Promise<void> => {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of names) {
    const source = join(folder, name, 'template.yaml');
    if (!existsSync(source)) continue;
    const readme = join(folder, name, 'README.md');
    try {
      const { published, version, activeVersion } = await publishShipped(rules, {
        yaml: readFileSync(source, 'utf8'),
        readme: existsSync(readme) ? readFileSync(readme, 'utf8') : undefined,
        source,
      });
      if (published && version !== activeVersion)
        log('warn', 'a bundled template changed; the version that an admin made active stays active', {
          template: name,
          version,
          activeVersion,
        });
    } catch (error) {
      if (error instanceof BerthError && error.name === 'invalid_template') throw new StartError(error.message);
      throw error;
    }
  }
};
