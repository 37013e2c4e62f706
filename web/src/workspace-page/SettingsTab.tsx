import { Button, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { useWorkspaceMutations } from '../api/mutations.ts';
import { NotFoundPage } from '../ui/feedback/NotFoundPage.tsx';
import { Card } from '../ui/layout/Card.tsx';
import { Columns } from '../ui/layout/Columns.tsx';
import { LazyDeleteDialog } from '../workspaces/LazyDeleteDialog.tsx';
import { possibleActions } from '../workspaces/status.ts';
import { useOpenWorkspace } from '../workspaces/workspaceContext.ts';
import { AutostartCard } from './AutostartCard.tsx';
import { ParametersCard } from './ParametersCard.tsx';

const route = getRouteApi('/shell/workspaces/$workspace/settings');

function DeleteCard({ workspace }: { workspace: Workspace }) {
  const { remove } = useWorkspaceMutations(workspace.id);
  const [deleting, setDeleting] = useState(false);
  return (
    <Card title="Delete workspace">
      <Text size="sm" c="dimmed">
        This deletes the workspace, its home, and all files in it. To keep your files, stop the workspace instead.
      </Text>
      <div>
        <Button
          variant="light"
          color="red"
          leftSection={<IconTrash size={18} aria-hidden />}
          disabled={!possibleActions(workspace).delete}
          onClick={() => setDeleting(true)}
        >
          Delete…
        </Button>
      </div>
      {deleting && <LazyDeleteDialog name={workspace.name} onClose={() => setDeleting(false)} remove={remove} />}
    </Card>
  );
}

export function SettingsTab() {
  const { workspace, permissions } = useOpenWorkspace();
  const { version } = route.useSearch();
  const navigate = useNavigate();
  if (!permissions.mayManage)
    return <NotFoundPage title="You cannot change this workspace" description="Ask its owner or an administrator." />;
  const toOverview = () => void navigate({ to: '/workspaces/$workspace', params: { workspace: workspace.id } });
  return (
    <Columns>
      {permissions.mayUse ? (
        <ParametersCard workspace={workspace} chosen={Number(version)} onStarted={toOverview} />
      ) : (
        <Card title="Parameters and version">
          <Text>Only {workspace.owner.name} can change these. You can start and stop the workspace.</Text>
        </Card>
      )}
      <Stack gap="lg">
        <AutostartCard workspace={workspace} />
        <DeleteCard workspace={workspace} />
      </Stack>
    </Columns>
  );
}
