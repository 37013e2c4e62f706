import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { ErrorState } from '../components/ErrorState.tsx';

/** A mistake in the portal itself, or a page whose script could not be loaded. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  return (
    <ErrorState title="This page ran aground" error={error} retry={reset} order={1}>
      {/* A full load, as the page's own state may be what is wrong. */}
      <Button component="a" href="/workspaces" variant="default">
        To your workspaces
      </Button>
    </ErrorState>
  );
}
