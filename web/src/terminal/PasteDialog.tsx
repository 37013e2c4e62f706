import { Button, Group, Stack, Text } from '@mantine/core';
import { Dialog } from '../components/Dialog.tsx';
import classes from './PasteDialog.module.css';
import { linesOf } from './paste.ts';

/** Characters shown: enough to know the text again. */
const shown = 4_000;

/** Asks before several lines are pasted, each of which may be taken for a command. */
export function PasteDialog({ text, onDone }: { text: string; onDone: (text: string | undefined) => void }) {
  return (
    <Dialog onClose={() => onDone(undefined)} title={`Paste ${linesOf(text)} lines?`} size="lg">
      <Stack>
        <Text size="sm">A program may run each of them as a command.</Text>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre className={classes['text']} tabIndex={0}>
          {text.slice(0, shown)}
          {text.length > shown ? '…' : ''}
        </pre>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => onDone(undefined)}>
            Cancel
          </Button>
          <Button data-autofocus onClick={() => onDone(text)}>
            Paste
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
