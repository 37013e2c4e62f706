import { Button, Group, Modal, Stack, Text } from '@mantine/core';

interface Props {
  name: string;
  onKeep: () => void;
  onClose: () => void;
}

/** Asks before a shell is ended with what runs in it. */
export function CloseDialog({ name, onKeep, onClose }: Props) {
  return (
    <Modal
      opened
      onClose={onKeep}
      title={`Close terminal ${name}?`}
      closeButtonProps={{ 'aria-label': 'Keep it open' }}
      centered
    >
      <Stack>
        <Text>Its shell ends, and what runs in it. To let it run on, leave the page instead.</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onKeep} data-autofocus>
            Keep it
          </Button>
          <Button color="red.9" onClick={onClose}>
            Close it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
