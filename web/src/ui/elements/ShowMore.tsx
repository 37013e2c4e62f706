import { Button, type ButtonProps } from '@mantine/core';

interface Props extends Pick<ButtonProps, 'variant' | 'fullWidth'> {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  label?: string;
}

/** Loads the next page of a list, if there is one. */
export function ShowMore({ query, label = 'Show more', variant = 'default', ...look }: Props) {
  if (!query.hasNextPage) return null;
  return (
    <Button {...look} variant={variant} loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
      {label}
    </Button>
  );
}
