import { watch } from 'node:fs';

interface FolderWatch {
  /** Resolves when something may have changed since the last call, or when `signal` aborts. */
  changed(): Promise<void>;
  close(): void;
}

/** Watches a folder for changes, and also polls every `pollMs` because some file systems send no events. */
export const watchFolder = (folder: string, pollMs: number, signal?: AbortSignal): FolderWatch => {
  let next = Promise.withResolvers<void>();
  const notify = () => next.resolve();
  const watcher = watch(folder, notify);
  // If the watcher fails, polling alone is enough.
  watcher.on('error', () => watcher.close());
  const timer = setInterval(notify, pollMs);
  signal?.addEventListener('abort', notify);
  return {
    changed: async () => {
      await next.promise;
      next = Promise.withResolvers<void>();
    },
    close: () => {
      watcher.close();
      clearInterval(timer);
      signal?.removeEventListener('abort', notify);
    },
  };
};
