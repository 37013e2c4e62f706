import type { ReactNode } from 'react';
import { ErrorState } from './ErrorState.tsx';
import { LoadingState } from './LoadingState.tsx';

interface Props<T> {
  query: { data: T | undefined; error: unknown; isError: boolean; refetch: () => unknown };
  /** What is loaded, as in "Loading your workspaces…". */
  what: string;
  loading?: ReactNode;
  /** It is all that the page is. */
  whole?: boolean;
  children: (data: T) => ReactNode;
}

/** The three states of a page. What was loaded once stays on the screen when a later look fails. */
export function Load<T>({ query, what, loading, whole = false, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    const title = `Berth could not load ${what}`;
    return <ErrorState title={title} error={query.error} retry={query.refetch} order={whole ? 1 : 2} />;
  }
  return loading ?? <LoadingState what={what} />;
}
