import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '../../../contracts/client/calls.ts';

/** Retries connection and server errors, but not 4xx responses. */
const worthRetrying = (failures: number, error: Error): boolean =>
  failures < 2 && !(error instanceof ApiError && error.problem.status < 500);

export const queryClient = new QueryClient({
  defaultOptions: {
    // `always`: the browser may report offline although a server on this machine is reachable.
    queries: { networkMode: 'always', retry: worthRetrying, retryDelay: 500 },
    mutations: { networkMode: 'always', retry: false },
  },
});
