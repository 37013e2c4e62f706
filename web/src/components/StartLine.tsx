import { Text } from '@mantine/core';
import { IconAlarm } from '@tabler/icons-react';
import { startSentence } from '../lib/autostart.ts';
import { useNow } from '../lib/useNow.ts';
import classes from './StopLine.module.css';

/** When it starts by itself. */
export function StartLine({ next }: { next: string }) {
  const now = useNow(15_000);
  return (
    <Text size="sm" className={classes['line']}>
      <IconAlarm size={16} aria-hidden />
      <span>{startSentence(next, now)}</span>
    </Text>
  );
}
