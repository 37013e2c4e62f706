import { Button, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Workspace } from '../../../contracts/workspace.ts';
import { workspaceStatus } from '../lib/status.ts';
import { StatusBadge } from './StatusBadge.tsx';

interface Props {
  workspace: Pick<Workspace, 'id' | 'name' | 'status'>;
  /** What cannot be opened yet: its terminal, or an app. */
  what: string;
  why: string;
  /** Present where the person may start it. */
  start?: { run: () => void; pending: boolean } | undefined;
  /** Whether to lead to its page. */
  linked?: boolean;
}

/** In the place of what cannot be opened yet: how far the workspace is, and a way to start it. */
export function Waiting({ workspace: { id, name, status }, what, why, start, linked = false }: Props) {
  return (
    <Stack align="center" gap="md" py="xl" role="status">
      <Title order={1} size="h2">
        {what} of {name}
      </Title>
      <StatusBadge shown={workspaceStatus[status]} />
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
          To the workspace
        </Button>
      )}
    </Stack>
  );
}
