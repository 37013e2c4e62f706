import { Button, Group, Stack, Text } from '@mantine/core';
import { Dialog } from '../components/Dialog.tsx';
import { ScrollBox } from '../components/ScrollBox.tsx';
import classes from './PasteDialog.module.css';
import { linesOf } from './paste.ts';

/** Characters shown: enough to know the text again. */
const shown = 4_000;

/** Asks before several lines are pasted, each of which may be taken for a command. */
export function PasteDialog({ text, onDone }: { text: string; onDone: (text: string | undefined) => void }) {
  const lines = linesOf(text);
  const title = lines === 1 ? 'Paste a line with its end?' : `Paste ${lines} lines?`;
  return (
    <Dialog onClose={() => onDone(undefined)} title={title} size="lg">
      <Stack>
        <Text size="sm">A program may run {lines === 1 ? 'it' : 'each of them'} as a command.</Text>
        <ScrollBox className={classes['text']} label="What would be pasted">
          {text.slice(0, shown)}
          {text.length > shown ? '…' : ''}
        </ScrollBox>
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
