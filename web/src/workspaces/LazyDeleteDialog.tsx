import { type ComponentProps, lazy, Suspense } from 'react';

const DeleteDialog = lazy(() => import('./DeleteDialog.tsx').then(({ DeleteDialog }) => ({ default: DeleteDialog })));

/** Loads the dialog on first use: the list is the first page, and dialogs are a large part of its script. */
export function LazyDeleteDialog(props: ComponentProps<typeof DeleteDialog>) {
  return (
    <Suspense fallback={null}>
      <DeleteDialog {...props} />
    </Suspense>
  );
}
