import { watch } from 'node:fs';

export interface FolderWatch {
  /** Resolves when something may have changed since the last call, or `signal` aborted. */
  changed(): Promise<void>;
  close(): void;
}

/** Signs of change in a folder: the system's, and one every `pollMs`, for some file systems give none. */
export const watchFolder = (folder: string, pollMs: number, signal?: AbortSignal): FolderWatch => {
  let next = Promise.withResolvers<void>();
  const tell = () => next.resolve();
  const watcher = watch(folder, tell);
  // A watcher that fails leaves the poll, which alone is enough.
  watcher.on('error', () => watcher.close());
  const timer = setInterval(tell, pollMs);
  signal?.addEventListener('abort', tell);
  return {
    changed: async () => {
      await next.promise;
      next = Promise.withResolvers<void>();
    },
    close: () => {
      watcher.close();
      clearInterval(timer);
      signal?.removeEventListener('abort', tell);
    },
  };
};
