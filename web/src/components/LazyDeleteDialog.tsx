import { lazy } from 'react';

/** Loaded when it is first asked for: dialogs are a good part of the script that the first page can do without. */
export const LazyDeleteDialog = lazy(() =>
  import('./DeleteDialog.tsx').then(({ DeleteDialog }) => ({ default: DeleteDialog })),
);
