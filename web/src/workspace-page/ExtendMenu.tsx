import { Button, Menu } from '@mantine/core';
import { IconClockPlus } from '@tabler/icons-react';
import type { WorkspaceMutations } from '../api/mutations.ts';
import { formatDuration, formatWhen } from '../lib/format.ts';
import { notifyDone } from '../lib/notify.ts';
import { useNow } from '../lib/useNow.ts';
import { extensions, type Stop } from '../workspaces/stop.ts';

const refusals = { sooner: 'earlier than scheduled', beyond: 'over the template’s limit' } as const;
const minute = 60_000;

interface Props {
  stop: Stop;
  extend: WorkspaceMutations['extend'];
}

/** Postpones the stop, within the limit of the template. */
export function ExtendMenu({ stop, extend }: Props) {
  const now = useNow(30_000);
  const extendBy = (minutes: number) =>
    extend.mutate(minutes, {
      onSuccess: ({ stop }) => stop && notifyDone(`The workspace stops ${formatWhen(new Date(stop.at), new Date())}.`),
    });
  return (
    <Menu position="bottom-start" width={280}>
      <Menu.Target>
        <Button variant="default" loading={extend.isPending} leftSection={<IconClockPlus size={18} aria-hidden />}>
          Extend
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Keep running for</Menu.Label>
        {extensions(stop, now).map(({ minutes, until, isLongest, refused }) => (
          <Menu.Item key={minutes} disabled={refused !== undefined} onClick={() => extendBy(minutes)}>
            {isLongest ? 'Maximum' : formatDuration(minutes * minute)},{' '}
            {refused === undefined ? `until ${formatWhen(until, now).replace(/^at /, '')}` : refusals[refused]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
