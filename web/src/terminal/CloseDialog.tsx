import { Button, Group, Stack, Text } from '@mantine/core';
import { Dialog } from '../components/Dialog.tsx';

interface Props {
  name: string;
  onKeep: () => void;
  onClose: () => void;
}

/** Asks before a shell is ended with what runs in it. */
export function CloseDialog({ name, onKeep, onClose }: Props) {
  return (
    <Dialog onClose={onKeep} title={`Close terminal ${name}?`} closeLabel="Keep it open">
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
    </Dialog>
  );
}
