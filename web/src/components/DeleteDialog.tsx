import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { WorkspaceActs } from '../api/mutations.ts';

interface Props {
  name: string;
  onClose: () => void;
  remove: WorkspaceActs['remove'];
}

export function DeleteDialog({ name, onClose, remove }: Props) {
  const confirm = () => remove.mutate(undefined, { onSettled: onClose });
  return (
    <Modal opened onClose={onClose} title={`Delete ${name}?`} centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack>
        <Text>
          The workspace and its home are deleted with all files in it. This cannot be undone. What you pushed to a
          repository stays there.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button color="red.9" loading={remove.isPending} onClick={confirm}>
            Delete {name}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
