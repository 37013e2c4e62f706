import { ActionIcon, Button, Menu } from '@mantine/core';
import {
  IconDotsVertical,
  IconPlayerPlay,
  IconPlayerStop,
  IconSettings,
  IconShare3,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useWorkspaceActs, type WorkspaceActs } from '../api/mutations.ts';
import { possible } from '../lib/status.ts';
import { LazyDeleteDialog } from './LazyDeleteDialog.tsx';

interface ActProps {
  workspace: Workspace;
  acts: WorkspaceActs;
}

function QuickAct({ workspace, acts }: ActProps) {
  const can = possible(workspace);
  if (can.start) {
    return (
      <Button
        variant="light"
        leftSection={<IconPlayerPlay size={18} aria-hidden />}
        loading={acts.start.isPending}
        onClick={() => acts.start.mutate({})}
        aria-label={`Start ${workspace.name}`}
      >
        Start
      </Button>
    );
  }
  const word = can.cancel ? 'Cancel' : 'Stop';
  const Icon = can.cancel ? IconX : IconPlayerStop;
  return (
    <Button
      variant="default"
      leftSection={<Icon size={18} aria-hidden />}
      loading={acts.stop.isPending}
      disabled={!can.stop && !can.cancel}
      onClick={() => acts.stop.mutate()}
      aria-label={`${word} ${workspace.name}`}
    >
      {word}
    </Button>
  );
}

function MoreMenu({ workspace, onDelete }: { workspace: Workspace; onDelete: () => void }) {
  const params = { workspace: workspace.id };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={40} aria-label={`More for ${workspace.name}`}>
          <IconDotsVertical size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconShare3 size={18} aria-hidden />}
          renderRoot={(props) => <Link to="/workspaces/$workspace/sharing" params={params} {...props} />}
        >
          Share
        </Menu.Item>
        <Menu.Item
          leftSection={<IconSettings size={18} aria-hidden />}
          renderRoot={(props) => <Link to="/workspaces/$workspace/settings" params={params} {...props} />}
        >
          Settings
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={18} aria-hidden />}
          disabled={!possible(workspace).delete}
          onClick={onDelete}
        >
          Delete…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** What can be asked of a workspace by those who manage it. */
export function CardActs({ workspace }: { workspace: Workspace }) {
  const acts = useWorkspaceActs(workspace.id);
  const [deleting, setDeleting] = useState(false);
  return (
    <>
      <QuickAct workspace={workspace} acts={acts} />
      <MoreMenu workspace={workspace} onDelete={() => setDeleting(true)} />
      {deleting && (
        <Suspense fallback={null}>
          <LazyDeleteDialog name={workspace.name} onClose={() => setDeleting(false)} remove={acts.remove} />
        </Suspense>
      )}
    </>
  );
}
