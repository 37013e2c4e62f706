import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '../../../contracts/calls.ts';

/** What is asked again at once: no connection, or a server in trouble; never a clear "no". */
const worthRetrying = (failures: number, error: Error): boolean =>
  failures < 2 && !(error instanceof ApiError && error.problem.status < 500);

export const queryClient = new QueryClient({
  defaultOptions: {
    // `always`: the browser's own idea of being online knows nothing of a server on this machine.
    queries: { networkMode: 'always', retry: worthRetrying, retryDelay: 500 },
    mutations: { networkMode: 'always', retry: false },
  },
});
