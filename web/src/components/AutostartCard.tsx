import { Button, Text, Title } from '@mantine/core';
import { IconAlarm } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';
import { daysWords } from '../lib/autostart.ts';
import classes from './WorkspaceDetails.module.css';

const AutostartDrawer = lazy(() =>
  import('./AutostartDrawer.tsx').then(({ AutostartDrawer }) => ({ default: AutostartDrawer })),
);

interface Props {
  workspace: Workspace;
  /** Whether it is the person's own, who may change it. */
  own: boolean;
}

/** On which days and when it starts by itself. */
export function AutostartCard({ workspace, own }: Props) {
  const [changing, setChanging] = useState(false);
  const { autostart, desired } = workspace;
  return (
    <section className={`berth-card ${classes['card']}`} aria-labelledby="autostart">
      <Title order={2} size="h4" id="autostart">
        Autostart
      </Title>
      {autostart === undefined ? (
        <Text size="sm" c="dimmed" my="xs">
          Off. It starts when somebody starts it.
        </Text>
      ) : (
        <Text size="sm" my="xs">
          {daysWords(autostart.days)} at {autostart.at}, {autostart.timeZone} time
        </Text>
      )}
      {own && (
        <Button
          variant="default"
          leftSection={<IconAlarm size={18} aria-hidden />}
          disabled={desired === 'deleted'}
          onClick={() => setChanging(true)}
        >
          {autostart === undefined ? 'Set autostart…' : 'Change autostart…'}
        </Button>
      )}
      {changing && (
        <Suspense fallback={null}>
          <AutostartDrawer workspace={workspace} onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </section>
  );
}
