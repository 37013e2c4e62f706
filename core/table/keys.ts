import type { Key } from '../ports/table.ts';

/** A workspace. Its partition also contains its builds, their steps, and its shares. */
export const workspaceKey = (id: string): Key => ({ pk: `workspace#${id}`, sk: 'workspace' });
