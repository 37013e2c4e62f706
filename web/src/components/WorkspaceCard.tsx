import { ActionIcon, Button, Menu, Text, Title } from '@mantine/core';
import {
  IconDotsVertical,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlugConnected,
  IconSettings,
  IconShare3,
  IconTerminal2,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useWorkspaceActs, type WorkspaceActs } from '../api/mutations.ts';
import type { Listed } from '../lib/listed.ts';
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
function Manage({ workspace }: { workspace: Workspace }) {
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

/** The ways in that are open now. */
function WaysIn({ listed }: { listed: Listed }) {
  const { id, name, status, apps, ports, workspace } = listed;
  if (status !== 'running') return null;
  return (
    <>
      {workspace !== undefined && (
        <Button
          variant="light"
          renderRoot={(props) => <Link to="/workspaces/$workspace/terminal" params={{ workspace: id }} {...props} />}
          leftSection={<IconTerminal2 size={18} aria-hidden />}
          aria-label={`Terminal of ${name}`}
        >
          Terminal
        </Button>
      )}
      {apps.map((app) => (
        <AppButton key={app.name} app={app} status={status} />
      ))}
      {ports.map(({ port, url }) => (
        <Button
          key={port}
          component="a"
          href={url}
          target="_blank"
          rel="noopener noreferrer"
          variant="light"
          leftSection={<IconPlugConnected size={18} aria-hidden />}
        >
          Port {port}
        </Button>
      ))}
    </>
  );
}

function Summary({ listed: { workspace } }: { listed: Listed }) {
  if (workspace?.failure !== undefined) {
    return (
      <Text size="sm" c="var(--mantine-color-error)">
        {workspace.failure.message}
      </Text>
    );
  }
  if (workspace?.stop !== undefined) return <StopLine stop={workspace.stop} />;
  return workspace?.autostart === undefined ? null : <StartLine next={workspace.autostart.next} />;
}

/** What is shared in part has no page of its own: its ways in are all there is. */
function Name({ listed: { id, name, workspace } }: { listed: Listed }) {
  if (workspace === undefined) return name;
  return (
    <Link to="/workspaces/$workspace" params={{ workspace: id }} className={classes['name']}>
      {name}
    </Link>
  );
}

interface Props {
  listed: Listed;
  /** Whether it is the person's own. */
  own: boolean;
  /** Whether they may go in. */
  use: boolean;
  /** Whether they may start, stop and change it. */
  manage: boolean;
}

export function WorkspaceCard({ listed, own, use, manage }: Props) {
  const { owner, status, workspace } = listed;
  const about = [workspace?.template.displayName, own ? undefined : owner.name];
  return (
    <li className={`berth-card ${classes['card']}`}>
      <span className={classes['icon']}>
        <AppIcon name={workspace?.template.icon ?? listed.apps[0]?.icon ?? 'app'} size={26} />
      </span>
      <div className={classes['about']}>
        <div className={classes['heading']}>
          <Title order={2} size="h4">
            <Name listed={listed} />
          </Title>
          <StatusBadge shown={workspaceStatus[status]} />
        </div>
        <Text size="sm" c="dimmed">
          {about.filter((part) => part !== undefined).join(' · ')}
        </Text>
        <Summary listed={listed} />
      </div>
      <div className={classes['acts']}>
        {use && <WaysIn listed={listed} />}
        {manage && workspace !== undefined && <Manage workspace={workspace} />}
      </div>
    </li>
  );
}
