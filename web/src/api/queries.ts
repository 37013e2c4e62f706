import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
} from '@tanstack/react-query';
import type { RouteResponse } from '../../../contracts/routes.ts';
import type { Workspace } from '../../../contracts/workspace.ts';
import { appendLog, emptyLog, type StepLog } from '../lib/log.ts';
import { isNotFound } from '../lib/problem.ts';
import { api } from './client.ts';
import { buildInterval, listInterval, logInterval, workspaceInterval } from './polling.ts';

export type Owner = 'me' | 'everyone';
type BuildNumber = Pick<Workspace['build'], 'number'>;

const firstPage = undefined as string | undefined;
const nextPage = (page: { next?: string | undefined }): string | undefined => page.next;

const itemsOf = <T>(data: InfiniteData<{ items: T[] }, unknown>): T[] => data.pages.flatMap((page) => page.items);

/** How long what hardly ever changes is not asked for again. */
const minutes = 60_000;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => api.me({}, { signal }),
  staleTime: 5 * minutes,
});

export const workspacesKey = ['workspaces'] as const;
export const workspacesQuery = (owner: Owner) =>
  infiniteQueryOptions({
    queryKey: [...workspacesKey, owner],
    queryFn: ({ pageParam, signal }) => api.listWorkspaces({ query: { owner, cursor: pageParam } }, { signal }),
    initialPageParam: firstPage,
    getNextPageParam: nextPage,
    select: itemsOf,
    refetchInterval: ({ state }) => listInterval(state.data?.pages ?? []),
  });

/** Names that are taken already, for a suggestion; the first hundred are enough for that. */
export const ownNamesQuery = queryOptions({
  queryKey: [...workspacesKey, 'names'],
  queryFn: async ({ signal }) => {
    const page = await api.listWorkspaces({ query: { owner: 'me', limit: 100 } }, { signal });
    return page.items.map((workspace) => workspace.name);
  },
  gcTime: 0,
});

/** An answer that was overtaken by a newer one is left aside. */
const newest = (held: Workspace | undefined, next: Workspace): Workspace =>
  held !== undefined && held.id === next.id && held.version > next.version ? held : next;

const workspaceKey = (workspace: string) => ['workspace', workspace] as const;

/** `workspace` is an id, or the name of one's own. */
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

export const templatesQuery = infiniteQueryOptions({
  queryKey: ['templates'],
  queryFn: ({ pageParam, signal }) => api.listTemplates({ query: { cursor: pageParam } }, { signal }),
  initialPageParam: firstPage,
  getNextPageParam: nextPage,
  select: itemsOf,
  staleTime: minutes,
});

export type TemplateWithLatest = RouteResponse<'getTemplate'>;
export const templateQuery = (template: string) =>
  queryOptions({
    queryKey: ['template', template],
    queryFn: ({ signal }) => api.getTemplate({ params: { template } }, { signal }),
    staleTime: minutes,
  });

/** A version never changes. */
export const templateVersionQuery = (template: string, version: number) =>
  queryOptions({
    queryKey: ['template', template, version],
    queryFn: ({ signal }) => api.getTemplateVersion({ params: { template, version } }, { signal }),
    staleTime: Infinity,
  });

export const tokensQuery = infiniteQueryOptions({
  queryKey: ['tokens'],
  queryFn: ({ pageParam, signal }) => api.listTokens({ query: { cursor: pageParam } }, { signal }),
  initialPageParam: firstPage,
  getNextPageParam: nextPage,
  select: itemsOf,
});

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => api.health({}, { signal }),
  refetchInterval: 2_000,
  retry: false,
});
