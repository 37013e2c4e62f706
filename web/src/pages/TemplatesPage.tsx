import { Stack, Text, Title } from '@mantine/core';
import { Templates } from '../components/Templates.tsx';
import { usePageTitle } from '../lib/usePageTitle.ts';

export function TemplatesPage() {
  usePageTitle('New workspace');
  return (
    <Stack gap="lg">
      <div>
        <Title order={1}>New workspace</Title>
        <Text c="dimmed">Choose the template to make it from.</Text>
      </div>
      <Templates />
    </Stack>
  );
}
