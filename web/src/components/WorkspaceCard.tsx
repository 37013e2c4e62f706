import { ActionIcon, Button, Menu, Text, Title } from '@mantine/core';
import { IconDotsVertical, IconPlayerPlay, IconPlayerStop, IconTerminal2, IconTrash, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useWorkspaceActs, type WorkspaceActs } from '../api/mutations.ts';
import { possible, workspaceStatus } from '../lib/status.ts';
import { AppButton } from './AppButton.tsx';
import { AppIcon } from './AppIcon.tsx';
import { LazyDeleteDialog } from './LazyDeleteDialog.tsx';
import { StartLine } from './StartLine.tsx';
import { StatusBadge } from './StatusBadge.tsx';
import { StopLine } from './StopLine.tsx';
import classes from './WorkspaceCard.module.css';

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
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={40} aria-label={`More for ${workspace.name}`}>
          <IconDotsVertical size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
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

function Summary({ workspace }: { workspace: Workspace }) {
  if (workspace.failure !== undefined) {
    return (
      <Text size="sm" c="var(--mantine-color-error)">
        {workspace.failure.message}
      </Text>
    );
  }
  if (workspace.stop !== undefined) return <StopLine stop={workspace.stop} />;
  return workspace.autostart === undefined ? null : <StartLine next={workspace.autostart.next} />;
}

interface Props {
  workspace: Workspace;
  /** Whether it is the person's own, who alone may go in. */
  own: boolean;
}

export function WorkspaceCard({ workspace, own }: Props) {
  const acts = useWorkspaceActs(workspace.id);
  const [deleting, setDeleting] = useState(false);
  const { id, name, owner, template, apps, status } = workspace;
  return (
    <li className={`berth-card ${classes['card']}`}>
      <span className={classes['icon']}>
        <AppIcon name={template.icon} size={26} />
      </span>
      <div className={classes['about']}>
        <div className={classes['heading']}>
          <Title order={2} size="h4">
            <Link to="/workspaces/$workspace" params={{ workspace: id }} className={classes['name']}>
              {name}
            </Link>
          </Title>
          <StatusBadge shown={workspaceStatus[status]} />
        </div>
        <Text size="sm" c="dimmed">
          {template.displayName}
          {!own && ` · ${owner.name}`}
        </Text>
        <Summary workspace={workspace} />
      </div>
      <div className={classes['acts']}>
        {own && status === 'running' && (
          <>
            <Button
              variant="light"
              renderRoot={(props) => (
                <Link to="/workspaces/$workspace/terminal" params={{ workspace: id }} {...props} />
              )}
              leftSection={<IconTerminal2 size={18} aria-hidden />}
              aria-label={`Terminal of ${name}`}
            >
              Terminal
            </Button>
            {apps.map((app) => (
              <AppButton key={app.name} app={app} status={status} />
            ))}
          </>
        )}
        {own && (
          <>
            <QuickAct workspace={workspace} acts={acts} />
            <MoreMenu workspace={workspace} onDelete={() => setDeleting(true)} />
          </>
        )}
      </div>
      {deleting && (
        <Suspense fallback={null}>
          <LazyDeleteDialog name={name} onClose={() => setDeleting(false)} remove={acts.remove} />
        </Suspense>
      )}
    </li>
  );
}
