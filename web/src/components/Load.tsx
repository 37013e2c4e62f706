import type { ReactNode } from 'react';
import { ErrorState } from './ErrorState.tsx';
import { LoadingState } from './LoadingState.tsx';

interface Props<T> {
  query: { data: T | undefined; error: unknown; isError: boolean; refetch: () => unknown };
  /** What is loaded, as in "Loading your workspaces…". */
  what: string;
  loading?: ReactNode;
  children: (data: T) => ReactNode;
}

/** The three states of a page. What was loaded once stays on the screen when a later look fails. */
export function Load<T>({ query, what, loading, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return <ErrorState title={`Berth could not load ${what}`} error={query.error} retry={query.refetch} />;
  }
  return loading ?? <LoadingState what={what} />;
}
