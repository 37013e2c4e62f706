import { Button, Group, Stack, Text } from '@mantine/core';
import { ScrollBox } from '../ui/elements/ScrollBox.tsx';
import { Dialog } from '../ui/feedback/Dialog.tsx';
import classes from './PasteDialog.module.css';
import { countLines } from './paste.ts';

/** Characters shown, enough to recognize the text. */
const maxShown = 4_000;

/** Asks before pasting line breaks, because a shell may run each line as a command. */
export function PasteDialog({ text, onDone }: { text: string; onDone: (text: string | undefined) => void }) {
  const lines = countLines(text);
  const title = lines === 1 ? 'Paste a line and its line break?' : `Paste ${lines} lines?`;
  return (
    <Dialog onClose={() => onDone(undefined)} title={title} size="lg">
      <Stack>
        <Text size="sm">The terminal may run {lines === 1 ? 'the line' : 'each line'} as a command.</Text>
        <ScrollBox className={classes['text']} label="Text to paste">
          {text.slice(0, maxShown)}
          {text.length > maxShown ? '…' : ''}
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
