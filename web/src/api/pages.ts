import type { InfiniteData } from '@tanstack/react-query';
import { useEffect } from 'react';

/** Items asked for at a time: the most that the API gives. */
export const pageSize = 100;

export const firstPage = undefined as string | undefined;
export const nextPage = (page: { next?: string | undefined }): string | undefined => page.next;
export const itemsOf = <T>(data: InfiniteData<{ items: T[] }, unknown>): T[] =>
  data.pages.flatMap((page) => page.items);

/** Items that a search loads by itself. More would be asked for again at every look. */
const mostSearched = 2_000;

interface Paged {
  data: readonly unknown[] | undefined;
  hasNextPage: boolean;
  isFetching: boolean;
  isError: boolean;
  fetchNextPage: () => unknown;
}

/**
 * Loads what follows as long as it is wanted: a search is for everything, not for what happens to be loaded. Answers
 * whether more is still to come by itself.
 */
export const useAllPages = (query: Paged, wanted: boolean): boolean => {
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = query;
  const goesOn = wanted && hasNextPage && !isError && (data?.length ?? 0) < mostSearched;
  useEffect(() => {
    if (goesOn && !isFetching) void fetchNextPage();
  }, [goesOn, isFetching, fetchNextPage]);
  return goesOn;
};
