import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

/** Relative to the build context of the agent's image. */
export const agentDockerfile = 'agent/image/Dockerfile';

/**
 * Copies into a folder what the agent's Dockerfile copies: with all of the repository, every change would be a new
 * image.
 */
export const stageAgentImage = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
  const copies = readFileSync(join(root, agentDockerfile), 'utf8').matchAll(/^COPY (?!--)(.+) \S+$/gm);
  for (const part of [...copies].flatMap(([, parts = '']) => parts.split(' '))) {
    const filter = (file: string) => !file.endsWith('.test.ts');
    cpSync(join(root, part), join(folder, part), { recursive: true, filter });
  }
};
