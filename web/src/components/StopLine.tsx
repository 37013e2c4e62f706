import { Text } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { type Stop, stopSentence, stopsSoon } from '../lib/stop.ts';
import { useNow } from '../lib/useNow.ts';
import classes from './StopLine.module.css';

/** When it stops by itself, and why. */
export function StopLine({ stop }: { stop: Stop }) {
  const now = useNow(15_000);
  return (
    <Text size="sm" className={classes['line']} data-soon={stopsSoon(stop, now) || undefined}>
      <IconClock size={16} aria-hidden />
      <span>{stopSentence(stop, now)}</span>
    </Text>
  );
}
