import { Button, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useWorkspaceActs } from '../api/mutations.ts';
import { AutostartCard } from '../components/AutostartCard.tsx';
import { Card } from '../components/Card.tsx';
import { Columns } from '../components/Columns.tsx';
import { LazyDeleteDialog } from '../components/LazyDeleteDialog.tsx';
import { ParametersCard } from '../components/ParametersCard.tsx';
import { possible } from '../lib/status.ts';
import { useOpenWorkspace } from '../lib/workspaceContext.ts';
import { NotFoundPage } from './NotFoundPage.tsx';

const route = getRouteApi('/shell/workspaces/$workspace/settings');

function DeleteCard({ workspace }: { workspace: Workspace }) {
  const { remove } = useWorkspaceActs(workspace.id);
  const [deleting, setDeleting] = useState(false);
  return (
    <Card title="Delete">
      <Text size="sm" c="dimmed">
        The workspace goes with its home and all files in it. Stopping keeps them.
      </Text>
      <div>
        <Button
          variant="light"
          color="red"
          leftSection={<IconTrash size={18} aria-hidden />}
          disabled={!possible(workspace).delete}
          onClick={() => setDeleting(true)}
        >
          Delete…
        </Button>
      </div>
      {deleting && (
        <Suspense fallback={null}>
          <LazyDeleteDialog name={workspace.name} onClose={() => setDeleting(false)} remove={remove} />
        </Suspense>
      )}
    </Card>
  );
}

/** What can be changed of a workspace. */
export function SettingsTab() {
  const { workspace, may } = useOpenWorkspace();
  const { version } = route.useSearch();
  const navigate = useNavigate();
  if (!may.manage)
    return <NotFoundPage title="Only its owner changes it" description="Ask them, or an administrator." />;
  const toOverview = () => void navigate({ to: '/workspaces/$workspace', params: { workspace: workspace.id } });
  return (
    <Columns>
      {may.use ? (
        <ParametersCard workspace={workspace} chosen={Number(version)} onStarted={toOverview} />
      ) : (
        <Card title="Parameters and version">
          <Text>Only {workspace.owner.name} changes these. You may start and stop it as it is.</Text>
        </Card>
      )}
      <Stack gap="lg">
        <AutostartCard workspace={workspace} />
        <DeleteCard workspace={workspace} />
      </Stack>
    </Columns>
  );
}
