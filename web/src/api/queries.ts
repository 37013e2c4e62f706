import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { isNotFound } from '../lib/errors.ts';
import { api } from './client.ts';
import { gitKeyKey, peopleKey, sharedKey, sharesKey, tokensKey, workspaceKey, workspacesKey } from './keys.ts';
import { firstPage, itemsOf, nextPage, pageSize } from './pages.ts';
import { buildInterval, listInterval, logInterval, minute, slowInterval, workspaceInterval } from './polling.ts';
import { appendLog, emptyLog, type StepLog } from './stepLog.ts';

type BuildNumber = Pick<Workspace['build'], 'number'>;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => api.me({}, { signal }),
  staleTime: 5 * minute,
});

export const workspacesQuery = (owner: 'me' | 'everyone') =>
  infiniteQueryOptions({
    queryKey: [...workspacesKey, owner],
    queryFn: ({ pageParam, signal }) =>
      api.listWorkspaces({ query: { owner, limit: pageSize, cursor: pageParam } }, { signal }),
    initialPageParam: firstPage,
    getNextPageParam: nextPage,
    select: itemsOf,
    refetchInterval: ({ state }) => listInterval(state.data?.pages ?? []),
  });

/** The workspaces, apps and ports that others share with the person. */
export const sharedListQuery = infiniteQueryOptions({
  queryKey: sharedKey,
  queryFn: ({ pageParam, signal }) => api.listShared({ query: { limit: pageSize, cursor: pageParam } }, { signal }),
  initialPageParam: firstPage,
  getNextPageParam: nextPage,
  select: itemsOf,
  refetchInterval: slowInterval,
});

/** What is shared of one workspace; `not_found` if nothing is. */
export const sharedQuery = (workspace: string) =>
  queryOptions({
    queryKey: [...sharedKey, workspace],
    queryFn: ({ signal }) => api.getShared({ params: { workspace } }, { signal }),
    refetchInterval: ({ state }) => (isNotFound(state.error) ? false : slowInterval),
  });

/** Names that the person already uses. The first page is enough to suggest a name. */
export const ownNamesQuery = queryOptions({
  queryKey: [...workspacesKey, 'names'],
  queryFn: async ({ signal }) => {
    const page = await api.listWorkspaces({ query: { owner: 'me', limit: pageSize } }, { signal });
    return page.items.map((workspace) => workspace.name);
  },
  gcTime: 0,
});

/** Ignores a response that a newer one overtook. */
const newerOf = (held: Workspace | undefined, next: Workspace): Workspace =>
  held !== undefined && held.id === next.id && held.version > next.version ? held : next;

/** `workspace` is an id, the name of an own workspace, or `<name>--<owner>`. */
export const workspaceQuery = (workspace: string) =>
  queryOptions({
    queryKey: workspaceKey(workspace),
    queryFn: async ({ client, signal }) => {
      const next = await api.getWorkspace({ params: { workspace } }, { signal });
      return newerOf(client.getQueryData<Workspace>(workspaceKey(workspace)), next);
    },
    refetchInterval: ({ state }) => (isNotFound(state.error) ? false : workspaceInterval(state.data)),
  });

/** Caches a workspace that a mutation returned, by its id and by its name. */
export const cacheWorkspace = (client: QueryClient, next: Workspace): void => {
  client.setQueryData<Workspace>(workspaceKey(next.id), (held) => newerOf(held, next));
  client.setQueryData<Workspace>(workspaceKey(next.name), (held) =>
    held?.id === next.id ? newerOf(held, next) : held,
  );
};

/** The newest build is part of the key, so that a change of it refetches the list. */
export const buildsQuery = ({ id, build }: Pick<Workspace, 'id' | 'build'>) =>
  infiniteQueryOptions({
    queryKey: ['builds', id, build.number, build.status],
    queryFn: ({ pageParam, signal }) =>
      api.listBuilds({ params: { workspace: id }, query: { limit: 20, cursor: pageParam } }, { signal }),
    initialPageParam: firstPage,
    getNextPageParam: nextPage,
    select: itemsOf,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });

export const buildQuery = (workspaceId: string, { number }: BuildNumber) =>
  queryOptions({
    queryKey: ['build', workspaceId, number],
    queryFn: ({ signal }) => api.getBuild({ params: { workspace: workspaceId, build: number } }, { signal }),
    refetchInterval: ({ state }) => buildInterval(state.data),
  });

/** The most parts of a log that one poll reads. */
const partsAtOnce = 20;

export const stepLogQuery = (workspaceId: string, build: number, step: string) => {
  const queryKey = ['log', workspaceId, build, step] as const;
  return queryOptions({
    queryKey,
    queryFn: async ({ client, signal }): Promise<StepLog> => {
      const params = { workspace: workspaceId, build, step };
      let log = client.getQueryData<StepLog>(queryKey) ?? emptyLog;
      for (let part = 0; part < partsAtOnce && !log.done; part += 1) {
        const read = await api.getBuildLog({ params, query: { cursor: log.cursor } }, { signal });
        log = appendLog(log, read);
        if (read.chunks.length === 0) break;
      }
      return log;
    },
    // Logs are appended to, never read again from the start.
    structuralSharing: false,
    refetchInterval: ({ state }) => logInterval(state.data),
  });
};

export const sharesQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: sharesKey(workspaceId),
    queryFn: ({ signal }) => api.listShares({ params: { workspace: workspaceId } }, { signal }),
  });

export const tokensQuery = infiniteQueryOptions({
  queryKey: tokensKey,
  queryFn: ({ pageParam, signal }) => api.listTokens({ query: { cursor: pageParam } }, { signal }),
  initialPageParam: firstPage,
  getNextPageParam: nextPage,
  select: itemsOf,
});

export const peopleQuery = infiniteQueryOptions({
  queryKey: peopleKey,
  queryFn: ({ pageParam, signal }) => api.listPeople({ query: { limit: pageSize, cursor: pageParam } }, { signal }),
  initialPageParam: firstPage,
  getNextPageParam: nextPage,
  select: itemsOf,
});

/** People that match the text. Texts shorter than two letters are not searched. */
export const peopleSearchQuery = (text: string) =>
  queryOptions({
    queryKey: [...peopleKey, 'search', text],
    queryFn: ({ signal }) => api.searchPeople({ query: { q: text } }, { signal }),
    enabled: text.length >= 2,
    staleTime: minute,
    placeholderData: keepPreviousData,
  });

export const configQuery = queryOptions({
  queryKey: ['config'],
  queryFn: ({ signal }) => api.config({}, { signal }),
  staleTime: Infinity,
});

/** `null` if the person has no key yet. */
export const gitKeyQuery = queryOptions({
  queryKey: gitKeyKey,
  queryFn: async ({ signal }) => {
    try {
      return await api.getGitKey({}, { signal });
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  },
});

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => api.health({}, { signal }),
  refetchInterval: 2_000,
  retry: false,
});
