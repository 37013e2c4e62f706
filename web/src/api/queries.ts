import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';
import type { Workspace } from '../../../contracts/workspace.ts';
import { appendLog, emptyLog, type StepLog } from '../lib/log.ts';
import { isNotFound } from '../lib/problem.ts';
import { api } from './client.ts';
import { gitKeyKey, peopleKey, sharedKey, sharesKey, tokensKey, workspaceKey, workspacesKey } from './keys.ts';
import { firstPage, itemsOf, nextPage, pageSize } from './pages.ts';
import { buildInterval, listInterval, logInterval, minutes, slowly, workspaceInterval } from './polling.ts';

type BuildNumber = Pick<Workspace['build'], 'number'>;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => api.me({}, { signal }),
  staleTime: 5 * minutes,
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

/** What others share with the person who is signed in. */
export const sharedListQuery = infiniteQueryOptions({
  queryKey: sharedKey,
  queryFn: ({ pageParam, signal }) => api.listShared({ query: { limit: pageSize, cursor: pageParam } }, { signal }),
  initialPageParam: firstPage,
  getNextPageParam: nextPage,
  select: itemsOf,
  refetchInterval: slowly,
});

/** What of one workspace is shared with the person; `not_found` when nothing is. */
export const sharedQuery = (workspace: string) =>
  queryOptions({
    queryKey: [...sharedKey, workspace],
    queryFn: ({ signal }) => api.getShared({ params: { workspace } }, { signal }),
    refetchInterval: ({ state }) => (isNotFound(state.error) ? false : slowly),
  });

/** Names that are taken already, for a suggestion; the first hundred are enough for that. */
export const ownNamesQuery = queryOptions({
  queryKey: [...workspacesKey, 'names'],
  queryFn: async ({ signal }) => {
    const page = await api.listWorkspaces({ query: { owner: 'me', limit: pageSize } }, { signal });
    return page.items.map((workspace) => workspace.name);
  },
  gcTime: 0,
});

/** An answer that was overtaken by a newer one is left aside. */
const newest = (held: Workspace | undefined, next: Workspace): Workspace =>
  held !== undefined && held.id === next.id && held.version > next.version ? held : next;

/** `workspace` is an id, the name of one's own, or `<name>--<owner>`. */
export const workspaceQuery = (workspace: string) =>
  queryOptions({
    queryKey: workspaceKey(workspace),
    queryFn: async ({ client, signal }) => {
      const next = await api.getWorkspace({ params: { workspace } }, { signal });
      return newest(client.getQueryData<Workspace>(workspaceKey(workspace)), next);
    },
    refetchInterval: ({ state }) => (isNotFound(state.error) ? false : workspaceInterval(state.data)),
  });

/** Keeps a workspace that an act answered with, also where it is shown by its name. */
export const keepWorkspace = (client: QueryClient, next: Workspace): void => {
  client.setQueryData<Workspace>(workspaceKey(next.id), (held) => newest(held, next));
  client.setQueryData<Workspace>(workspaceKey(next.name), (held) => (held?.id === next.id ? newest(held, next) : held));
};

/** Asked for again whenever the newest build changes, for that is part of its key. */
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

/** Parts read in one go of a log that is far behind; the rest comes with the next look. */
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

/** `null` for a person who has no key yet. */
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
