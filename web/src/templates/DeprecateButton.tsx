import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconArchive, IconArchiveOff } from '@tabler/icons-react';
import { useState } from 'react';
import type { Template } from '../../../contracts/templates/template.ts';
import { useTemplateMutations } from '../api/mutations.ts';
import { Dialog } from '../ui/feedback/Dialog.tsx';

/** The limit of the API. */
const maxMessageLength = 300;

function DeprecateDialog({ template, onClose }: { template: Template; onClose: () => void }) {
  const { deprecate } = useTemplateMutations(template.name);
  const [message, setMessage] = useState('');
  return (
    <Dialog onClose={onClose} title={`Deprecate ${template.displayName}?`}>
      <Stack>
        <Text>
          People can no longer create workspaces from it. Existing workspaces keep running, and you can undo this.
        </Text>
        <Textarea
          data-autofocus
          label="Message"
          description="Explain why, and what to use instead."
          maxLength={maxMessageLength}
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
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

/** Deprecates a template, or undoes it. */
export function DeprecateButton({ template }: { template: Template }) {
  const { deprecate } = useTemplateMutations(template.name);
  const [deprecating, setDeprecating] = useState(false);
  if (template.deprecated !== undefined) {
    return (
      <Button
        variant="default"
        leftSection={<IconArchiveOff size={18} aria-hidden />}
        loading={deprecate.isPending}
        onClick={() => deprecate.mutate({ deprecated: false })}
      >
        Undo deprecation
      </Button>
    );
  }
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconArchive size={18} aria-hidden />}
        onClick={() => setDeprecating(true)}
      >
        Deprecate…
      </Button>
      {deprecating && <DeprecateDialog template={template} onClose={() => setDeprecating(false)} />}
    </>
  );
}
