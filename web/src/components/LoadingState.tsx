import { Center, Loader, Stack, Text } from '@mantine/core';

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
