import { dirname, join } from 'node:path';

/** The repository. */
export const root = dirname(import.meta.dirname);
/**
 * Where builds for a deployment are written. The agent's archives there are reused while their content is unchanged.
 */
export const buildFolder = join(root, '.build');
