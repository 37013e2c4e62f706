import type { Home } from '../../contracts/workspaces/homes.ts';
import type { Person } from '../actor.ts';
import { hasRole } from '../actor.ts';
import { BerthError } from '../errors.ts';
import type { Rules } from '../rules.ts';
import { type HomeRecord, homeItems, homesPartition } from './home-record.ts';

export const homeView = ({ workspaceId, kind, since, reason, knownAs, state, problem }: HomeRecord): Home => ({
  id: workspaceId,
  kind,
  since,
  reason,
  knownAs: {
    ...(knownAs?.name === undefined ? {} : { name: knownAs.name }),
    ...(knownAs?.owner === undefined ? {} : { owner: knownAs.owner }),
    ...(knownAs?.template === undefined ? {} : { template: knownAs.template }),
  },
  state,
  ...(problem === undefined ? {} : { problem }),
});

/** Returns the unowned homes by ID, with one query. */
export const listHomes = async (
  { table, log }: Pick<Rules, 'table' | 'log'>,
  viewer: Person,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: Home[]; next?: string }> => {
  if (!hasRole(viewer, 'admin', 'auditor')) {
    throw new BerthError('forbidden', 'Only admins and auditors may list unowned homes. Ask one of them.', {
      refused: homesPartition,
    });
  }
  const page = await table.query({ pk: homesPartition, limit, ...(cursor === undefined ? {} : { cursor }) });
  return { ...page, items: homeItems.readList(page.items, log).map(homeView) };
};

export const requireAdmin = (person: Person, workspaceId: string): void => {
  if (hasRole(person, 'admin')) return;
  throw new BerthError('forbidden', 'Only admins may adopt and discard homes. Ask one of them.', {
    refused: workspaceId,
  });
};
