import { Loader } from '@mantine/core';
import { IconAlertCircle, IconCircleCheck, IconPlayerPause } from '@tabler/icons-react';
import classes from './StatusBadge.module.css';
import type { Tone } from './status.ts';

const icons = {
  good: <IconCircleCheck size={16} aria-hidden />,
  bad: <IconAlertCircle size={16} aria-hidden />,
  calm: <IconPlayerPause size={16} aria-hidden />,
  busy: <Loader size={13} color="currentColor" aria-hidden />,
} satisfies Record<Tone, unknown>;

/** A status as icon and word, so that it does not depend on color. */
export function StatusBadge({ shown }: { shown: { word: string; tone: Tone } }) {
  return (
    <span className={classes['badge']} data-tone={shown.tone}>
      {icons[shown.tone]}
      {shown.word}
    </span>
  );
}
