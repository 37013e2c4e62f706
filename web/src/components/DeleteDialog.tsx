import { Button, Group, Stack, Text } from '@mantine/core';
import type { WorkspaceActs } from '../api/mutations.ts';
import { Dialog } from './Dialog.tsx';

interface Props {
  name: string;
  onClose: () => void;
  remove: WorkspaceActs['remove'];
}

export function DeleteDialog({ name, onClose, remove }: Props) {
  const confirm = () => remove.mutate(undefined, { onSettled: onClose });
  return (
    <Dialog onClose={onClose} title={`Delete ${name}?`}>
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
    </Dialog>
  );
}
