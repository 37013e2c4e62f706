import { Button, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { StatusBadge } from './StatusBadge.tsx';
import { workspaceStatusLabels } from './status.ts';

interface Props {
  workspace: Pick<Workspace, 'id' | 'name' | 'status'>;
  /** The terminal or app that cannot be opened yet. */
  what: string;
  why: string;
  /** Present if the person may start the workspace. */
  start?: { run: () => void; pending: boolean } | undefined;
  /** Whether to link to the page of the workspace. */
  linked?: boolean;
}

/** Shown instead of a terminal or app while the workspace is not ready: its status, and a button to start it. */
export function NotReady({ workspace: { id, name, status }, what, why, start, linked = false }: Props) {
  return (
    <Stack align="center" gap="md" py="xl" role="status">
      <Title order={1} size="h2">
        {what} · {name}
      </Title>
      <StatusBadge shown={workspaceStatusLabels[status]} />
      <Text ta="center">{why}</Text>
      {start && (
        <Button
          size="md"
          leftSection={<IconPlayerPlay size={20} aria-hidden />}
          loading={start.pending}
          onClick={start.run}
        >
          Start {name}
        </Button>
      )}
      {linked && (
        <Button
          variant="subtle"
          renderRoot={(props) => <Link to="/workspaces/$workspace" params={{ workspace: id }} {...props} />}
        >
          Go to workspace
        </Button>
      )}
    </Stack>
  );
}
