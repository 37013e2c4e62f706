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
import { useState } from 'react';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { useWorkspaceMutations, type WorkspaceMutations } from '../api/mutations.ts';
import { LazyDeleteDialog } from '../workspaces/LazyDeleteDialog.tsx';
import { possibleActions } from '../workspaces/status.ts';

interface StartStopProps {
  workspace: Workspace;
  mutations: WorkspaceMutations;
}

function StartStopButton({ workspace, mutations }: StartStopProps) {
  const can = possibleActions(workspace);
  if (can.start) {
    return (
      <Button
        variant="light"
        leftSection={<IconPlayerPlay size={18} aria-hidden />}
        loading={mutations.start.isPending}
        onClick={() => mutations.start.mutate({})}
        aria-label={`Start ${workspace.name}`}
      >
        Start
      </Button>
    );
  }
  const label = can.cancel ? 'Cancel' : 'Stop';
  const Icon = can.cancel ? IconX : IconPlayerStop;
  return (
    <Button
      variant="default"
      leftSection={<Icon size={18} aria-hidden />}
      loading={mutations.stop.isPending}
      disabled={!can.stop && !can.cancel}
      onClick={() => mutations.stop.mutate()}
      aria-label={`${label} ${workspace.name}`}
    >
      {label}
    </Button>
  );
}

function MoreMenu({ workspace, onDelete }: { workspace: Workspace; onDelete: () => void }) {
  const params = { workspace: workspace.id };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={40} aria-label={`More actions for ${workspace.name}`}>
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
          disabled={!possibleActions(workspace).delete}
          onClick={onDelete}
        >
          Delete…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The actions of a workspace, for people who may manage it. */
export function CardActions({ workspace }: { workspace: Workspace }) {
  const mutations = useWorkspaceMutations(workspace.id);
  const [deleting, setDeleting] = useState(false);
  return (
    <>
      <StartStopButton workspace={workspace} mutations={mutations} />
      <MoreMenu workspace={workspace} onDelete={() => setDeleting(true)} />
      {deleting && (
        <LazyDeleteDialog name={workspace.name} onClose={() => setDeleting(false)} remove={mutations.remove} />
      )}
    </>
  );
}
