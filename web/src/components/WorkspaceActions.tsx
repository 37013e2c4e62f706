import { Button, Group } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop, IconX } from '@tabler/icons-react';
import type { Workspace } from '../../../contracts/workspace.ts';
import type { WorkspaceActs } from '../api/mutations.ts';
import { possible } from '../lib/status.ts';
import { ExtendMenu } from './ExtendMenu.tsx';

interface Props {
  workspace: Workspace;
  acts: WorkspaceActs;
  start: () => void;
}

/** What can be asked of a workspace now. A pressed button says only that it was asked. */
export function WorkspaceActions({ workspace, acts, start }: Props) {
  const can = possible(workspace);
  return (
    <Group gap="sm">
      {can.start && (
        <Button leftSection={<IconPlayerPlay size={18} aria-hidden />} loading={acts.start.isPending} onClick={start}>
          Start
        </Button>
      )}
      {can.cancel && (
        <Button
          variant="default"
          leftSection={<IconX size={18} aria-hidden />}
          loading={acts.stop.isPending}
          onClick={() => acts.stop.mutate()}
        >
          Cancel
        </Button>
      )}
      {!can.start && !can.cancel && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={18} aria-hidden />}
          loading={acts.stop.isPending}
          disabled={!can.stop}
          onClick={() => acts.stop.mutate()}
        >
          Stop
        </Button>
      )}
      {workspace.stop !== undefined && can.stop && <ExtendMenu stop={workspace.stop} extend={acts.extend} />}
    </Group>
  );
}
