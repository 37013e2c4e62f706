import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { ErrorState } from '../ui/feedback/Load.tsx';

/** Shown when a component throws, or when the script of a page cannot be loaded. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  return (
    <ErrorState title="This page could not be displayed" error={error} retry={reset} order={1}>
      {/* A full load: the state of the page may be the cause. */}
      <Button component="a" href="/workspaces" variant="default">
        Go to workspaces
      </Button>
    </ErrorState>
  );
}
