import { Button, Center, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { sentenceOf } from '../lib/problem.ts';

interface Props {
  title: string;
  error: unknown;
  retry: () => unknown;
  /** 1 where it stands for a whole page. */
  order?: 1 | 2;
  children?: ReactNode;
}

export function ErrorState({ title, error, retry, order = 2, children }: Props) {
  return (
    <Center mih={300} p="md" role="alert">
      <Stack align="center" gap="sm" maw={520}>
        <IconAlertTriangle size={40} color="var(--mantine-color-error)" aria-hidden />
        <Title order={order} size="h3" ta="center">
          {title}
        </Title>
        <Text ta="center">{sentenceOf(error)}</Text>
        <Button onClick={() => retry()}>Try again</Button>
        {children}
      </Stack>
    </Center>
  );
}
