import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconArchive, IconArchiveOff } from '@tabler/icons-react';
import { useState } from 'react';
import type { Template } from '../../../contracts/routes.ts';
import { useTemplateActs } from '../api/mutations.ts';
import { Dialog } from './Dialog.tsx';

/** Characters of the message, as the API takes them. */
const longest = 300;

function DeprecateDialog({ template, onClose }: { template: Template; onClose: () => void }) {
  const { deprecate } = useTemplateActs(template.name);
  const [message, setMessage] = useState('');
  return (
    <Dialog onClose={onClose} title={`Deprecate ${template.displayName}?`}>
      <Stack>
        <Text>No new workspaces are made from it. Existing ones run on, and you can undo this.</Text>
        <Textarea
          data-autofocus
          label="What to tell people"
          description="Why, and what to use instead."
          maxLength={longest}
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
          <Button
            color="red.9"
            loading={deprecate.isPending}
            onClick={() => deprecate.mutate({ message: message.trim() }, { onSettled: onClose })}
          >
            Deprecate
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** Takes no new workspaces from a template, or takes them again. */
export function DeprecateButton({ template }: { template: Template }) {
  const { deprecate } = useTemplateActs(template.name);
  const [asking, setAsking] = useState(false);
  if (template.deprecated !== undefined) {
    return (
      <Button
        variant="default"
        leftSection={<IconArchiveOff size={18} aria-hidden />}
        loading={deprecate.isPending}
        onClick={() => deprecate.mutate({ deprecated: false })}
      >
        Take new workspaces again
      </Button>
    );
  }
  return (
    <>
      <Button variant="default" leftSection={<IconArchive size={18} aria-hidden />} onClick={() => setAsking(true)}>
        Deprecate…
      </Button>
      {asking && <DeprecateDialog template={template} onClose={() => setAsking(false)} />}
    </>
  );
}
