import { Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { errorMessage } from '../../lib/errors.ts';

export function LoadingState({ what }: { what: string }) {
  return (
    <Center mih={240} role="status">
      <Stack align="center" gap="xs">
        <Loader type="dots" aria-hidden />
        <Text c="dimmed" size="sm">
          Loading {what}…
        </Text>
      </Stack>
    </Center>
  );
}

interface ErrorProps {
  title: string;
  error: unknown;
  retry: () => unknown;
  /** 1 if the error replaces a whole page. */
  order?: 1 | 2;
  children?: ReactNode;
}

export function ErrorState({ title, error, retry, order = 2, children }: ErrorProps) {
  return (
    <Center mih={300} p="md" role="alert">
      <Stack align="center" gap="sm" maw={520}>
        <IconAlertTriangle size={40} color="var(--mantine-color-error)" aria-hidden />
        <Title order={order} size="h3" ta="center">
          {title}
        </Title>
        <Text ta="center">{errorMessage(error)}</Text>
        <Button onClick={() => retry()}>Try again</Button>
        {children}
      </Stack>
    </Center>
  );
}

interface LoadProps<T> {
  query: { data: T | undefined; error: unknown; isError: boolean; refetch: () => unknown };
  /** Completes the sentences "Loading …" and "Berth could not load …". */
  what: string;
  loading?: ReactNode;
  /** The query's data is the whole page, so that an error takes the page's first heading. */
  whole?: boolean;
  children: (data: T) => ReactNode;
}

/** Shows a query's data, its error, or that it is loading. Loaded data stays visible when a later refetch fails. */
export function Load<T>({ query, what, loading, whole = false, children }: LoadProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    const title = `Berth could not load ${what}`;
    return <ErrorState title={title} error={query.error} retry={query.refetch} order={whole ? 1 : 2} />;
  }
  return loading ?? <LoadingState what={what} />;
}
