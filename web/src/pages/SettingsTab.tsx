import { Button, Text, Title } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useWorkspaceActs } from '../api/mutations.ts';
import { AutostartCard } from '../components/AutostartCard.tsx';
import { LazyDeleteDialog } from '../components/LazyDeleteDialog.tsx';
import { ParametersCard } from '../components/ParametersCard.tsx';
import cardClasses from '../components/SettingsCard.module.css';
import { possible } from '../lib/status.ts';
import { useOpenWorkspace } from '../lib/workspaceContext.ts';
import { NotFoundPage } from './NotFoundPage.tsx';
import classes from './WorkspacePage.module.css';

function DeleteCard({ workspace }: { workspace: Workspace }) {
  const { remove } = useWorkspaceActs(workspace.id);
  const [deleting, setDeleting] = useState(false);
  return (
    <section className={`berth-card ${cardClasses['card']}`} aria-labelledby="delete">
      <Title order={2} size="h4" id="delete">
        Delete
      </Title>
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
    </section>
  );
}

/** What can be changed of a workspace. */
export function SettingsTab() {
  const { workspace, may } = useOpenWorkspace();
  const navigate = useNavigate();
  if (!may.manage)
    return <NotFoundPage title="Only its owner changes it" description="Ask them, or an administrator." />;
  const toOverview = () => void navigate({ to: '/workspaces/$workspace', params: { workspace: workspace.id } });
  return (
    <div className={classes['columns']}>
      <ParametersCard workspace={workspace} onStarted={toOverview} />
      <div className={classes['side']}>
        <AutostartCard workspace={workspace} />
        <DeleteCard workspace={workspace} />
      </div>
    </div>
  );
}
