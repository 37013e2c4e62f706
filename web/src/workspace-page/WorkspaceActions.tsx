import { Button, Group } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop, IconRefresh, IconX } from '@tabler/icons-react';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import type { WorkspaceMutations } from '../api/mutations.ts';
import { possibleActions } from '../workspaces/status.ts';
import { ExtendMenu } from './ExtendMenu.tsx';

interface Props {
  workspace: Workspace;
  mutations: WorkspaceMutations;
  start: () => void;
  /** Stops and starts the workspace unchanged; absent for people who may not use it. */
  restart?: (() => void) | undefined;
  /** The failure box has its own button, so Start is hidden. */
  failed: boolean;
}

/** The actions that are possible now. */
export function WorkspaceActions({ workspace, mutations, start, restart, failed }: Props) {
  const can = possibleActions(workspace);
  return (
    <Group gap="sm">
      {can.start && !failed && (
        <Button
          leftSection={<IconPlayerPlay size={18} aria-hidden />}
          loading={mutations.start.isPending}
          onClick={start}
        >
          Start
        </Button>
      )}
      {can.cancel && (
        <Button
          variant="default"
          leftSection={<IconX size={18} aria-hidden />}
          loading={mutations.stop.isPending}
          onClick={() => mutations.stop.mutate()}
        >
          Cancel
        </Button>
      )}
      {!can.start && !can.cancel && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={18} aria-hidden />}
          loading={mutations.stop.isPending}
          disabled={!can.stop}
          onClick={() => mutations.stop.mutate()}
        >
          Stop
        </Button>
      )}
      {can.stop && restart !== undefined && (
        <Button
          variant="default"
          leftSection={<IconRefresh size={18} aria-hidden />}
          loading={mutations.start.isPending}
          onClick={restart}
        >
          Restart
        </Button>
      )}
      {workspace.stop !== undefined && can.stop && <ExtendMenu stop={workspace.stop} extend={mutations.extend} />}
    </Group>
  );
}
