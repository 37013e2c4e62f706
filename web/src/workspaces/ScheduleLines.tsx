import { Text } from '@mantine/core';
import { IconAlarm, IconClock } from '@tabler/icons-react';
import { useNow } from '../lib/useNow.ts';
import { startSentence } from './autostart.ts';
import classes from './ScheduleLines.module.css';
import { type Stop, stopSentence, stopsSoon } from './stop.ts';

const refreshMs = 15_000;

/** When autostart starts the workspace next. */
export function StartLine({ next }: { next: string }) {
  const now = useNow(refreshMs);
  return (
    <Text size="sm" className={classes['line']}>
      <IconAlarm size={16} aria-hidden />
      <span>{startSentence(next, now)}</span>
    </Text>
  );
}

/** When the workspace stops, and why. */
export function StopLine({ stop }: { stop: Stop }) {
  const now = useNow(refreshMs);
  return (
    <Text size="sm" className={classes['line']} data-soon={stopsSoon(stop, now) || undefined}>
      <IconClock size={16} aria-hidden />
      <span>{stopSentence(stop, now)}</span>
    </Text>
  );
}
