import { Stack, Text, Title } from '@mantine/core';
import { Templates } from './Templates.tsx';

/** What a person sees who has no workspace yet. */
export function FirstSteps() {
  return (
    <Stack gap="md">
      <div>
        <Title order={2} size="h3">
          Make your first workspace
        </Title>
        <Text c="dimmed" maw={680}>
          A workspace is a machine of your own with a terminal, your tools and a home that is kept when it stops. It is
          made from a template, starts in seconds, and stops by itself when you leave it. Choose a template:
        </Text>
      </div>
      <Templates order={3} />
    </Stack>
  );
}
