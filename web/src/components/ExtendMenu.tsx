import { Button, Menu } from '@mantine/core';
import { IconClockPlus } from '@tabler/icons-react';
import type { WorkspaceActs } from '../api/mutations.ts';
import { duration, when } from '../lib/format.ts';
import { notifyDone } from '../lib/notify.ts';
import { extensions, type Stop } from '../lib/stop.ts';
import { useNow } from '../lib/useNow.ts';

const why = { sooner: 'would stop it sooner', beyond: 'beyond the template’s bound' } as const;
const minute = 60_000;

interface Props {
  stop: Stop;
  extend: WorkspaceActs['extend'];
}

/** Puts the stop off, within what the template allows. */
export function ExtendMenu({ stop, extend }: Props) {
  const now = useNow(30_000);
  const put = (minutes: number) =>
    extend.mutate(minutes, {
      onSuccess: ({ stop }) => stop && notifyDone(`It stops ${when(new Date(stop.at), new Date())}.`),
    });
  return (
    <Menu position="bottom-start" width={280}>
      <Menu.Target>
        <Button variant="default" loading={extend.isPending} leftSection={<IconClockPlus size={18} aria-hidden />}>
          Extend
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Keep it running for</Menu.Label>
        {extensions(stop, now).map(({ minutes, until, most, refused }) => (
          <Menu.Item key={minutes} disabled={refused !== undefined} onClick={() => put(minutes)}>
            {most ? 'As long as allowed' : duration(minutes * minute)},{' '}
            {refused === undefined ? `until ${when(until, now).replace(/^at /, '')}` : why[refused]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
