import type { InfiniteData } from '@tanstack/react-query';
import { useEffect } from 'react';

/** Items per request, the maximum of the API. */
export const pageSize = 100;

export const firstPage = undefined as string | undefined;
export const nextPage = (page: { next?: string | undefined }): string | undefined => page.next;
export const itemsOf = <T>(data: InfiniteData<{ items: T[] }, unknown>): T[] =>
  data.pages.flatMap((page) => page.items);

/** The most items that a search loads automatically, because every poll requests all loaded pages again. */
const maxSearched = 2_000;

interface Paged {
  data: readonly unknown[] | undefined;
  hasNextPage: boolean;
  isFetching: boolean;
  isError: boolean;
  fetchNextPage: () => unknown;
}

/**
 * Loads the remaining pages while `wanted`, because a search covers everything. Returns whether more pages will load.
 */
export const useAllPages = (query: Paged, wanted: boolean): boolean => {
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = query;
  const loadsNext = wanted && hasNextPage && !isError && (data?.length ?? 0) < maxSearched;
  useEffect(() => {
    if (loadsNext && !isFetching) void fetchNextPage();
  }, [loadsNext, isFetching, fetchNextPage]);
  return loadsNext;
};
