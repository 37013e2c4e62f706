import { Loader } from '@mantine/core';
import { IconAlertCircle, IconCircleCheck, IconPlayerPause } from '@tabler/icons-react';
import type { Tone } from '../lib/status.ts';
import classes from './StatusBadge.module.css';

const icons = {
  good: <IconCircleCheck size={16} aria-hidden />,
  bad: <IconAlertCircle size={16} aria-hidden />,
  calm: <IconPlayerPause size={16} aria-hidden />,
  busy: <Loader size={13} color="currentColor" aria-hidden />,
} satisfies Record<Tone, unknown>;

/** A status by icon and word; the colour only repeats it. */
export function StatusBadge({ shown }: { shown: { word: string; tone: Tone } }) {
  return (
    <span className={classes['badge']} data-tone={shown.tone}>
      {icons[shown.tone]}
      {shown.word}
    </span>
  );
}
