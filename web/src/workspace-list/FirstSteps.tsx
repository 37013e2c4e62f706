import { Stack, Text, Title } from '@mantine/core';
import { TemplateGrid } from '../templates/TemplateGrid.tsx';

/** Shown instead of an empty list to a person without workspaces. */
export function FirstSteps() {
  return (
    <Stack gap="md">
      <div>
        <Title order={2} size="h3">
          Create your first workspace
        </Title>
        <Text c="dimmed" maw={680}>
          A workspace is your own machine with a terminal, your tools, and a home directory that is kept when it stops.
          It stops automatically when you no longer use it. Choose a template to begin:
        </Text>
      </div>
      <TemplateGrid order={3} />
    </Stack>
  );
}
