import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  about?: ReactNode;
  /** Buttons of the page. */
  children?: ReactNode;
}

export function PageHeading({ title, about, children }: Props) {
  return (
    <Group justify="space-between" align="flex-end">
      <div>
        <Title order={1}>{title}</Title>
        {about !== undefined && <Text c="dimmed">{about}</Text>}
      </div>
      {children}
    </Group>
  );
}
