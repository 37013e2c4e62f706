import { Badge, Button, Text, Title } from '@mantine/core';
import { IconPlugConnected, IconShare3, IconTerminal2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { AppIcon } from '../ui/elements/AppIcon.tsx';
import listCard from '../ui/layout/ListCard.module.css';
import { AppButton } from '../workspaces/AppButton.tsx';
import { fullName } from '../workspaces/connect.ts';
import { StartLine, StopLine } from '../workspaces/ScheduleLines.tsx';
import { StatusBadge } from '../workspaces/StatusBadge.tsx';
import { statusLabelOf } from '../workspaces/status.ts';
import { CardActions } from './CardActions.tsx';
import classes from './WorkspaceCard.module.css';
import type { WorkspaceRow } from './workspaceRow.ts';

/** Buttons for the terminal, apps and ports; none unless the workspace is running. */
function LaunchButtons({ row }: { row: WorkspaceRow }) {
  const { id, name, status, apps, ports, workspace } = row;
  if (status !== 'running') return null;
  return (
    <>
      {workspace !== undefined && (
        <Button
          variant="light"
          renderRoot={(props) => <Link to="/workspaces/$workspace/terminal" params={{ workspace: id }} {...props} />}
          leftSection={<IconTerminal2 size={18} aria-hidden />}
          aria-label={`Terminal in ${name}`}
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

function Summary({ row: { workspace } }: { row: WorkspaceRow }) {
  if (workspace?.failure !== undefined) {
    return (
      <Text size="sm" c="var(--mantine-color-error)" lineClamp={3}>
        {workspace.failure.message}
      </Text>
    );
  }
  if (workspace?.stop !== undefined) return <StopLine stop={workspace.stop} />;
  return workspace?.autostart === undefined ? null : <StartLine next={workspace.autostart.next} />;
}

/** A workspace of which only apps or ports are shared has no page to link to. */
function Name({ row, isOwner }: { row: WorkspaceRow; isOwner: boolean }) {
  const { id, workspace } = row;
  const name = fullName(row, isOwner);
  if (workspace === undefined) return name;
  return (
    <Link to="/workspaces/$workspace" params={{ workspace: id }} className={listCard['name']}>
      {name}
    </Link>
  );
}

interface Props {
  row: WorkspaceRow;

  isOwner: boolean;
  /** The template version that an update would install. */
  offeredVersion?: number | undefined;
  /** May open its terminal and apps. */
  mayUse: boolean;
  /** May start, stop and change it. */
  mayManage: boolean;
}

export function WorkspaceCard({ row, isOwner, offeredVersion, mayUse, mayManage }: Props) {
  const { id, status, workspace } = row;
  return (
    <li className={`berth-card ${classes['card']}`}>
      <span className={`${listCard['icon']} ${classes['icon']}`}>
        <AppIcon name={workspace?.template.icon ?? row.apps[0]?.icon ?? 'app'} size={26} />
      </span>
      <div className={classes['about']}>
        <div className={classes['heading']}>
          <Title order={2} size="h4">
            <Name row={row} isOwner={isOwner} />
          </Title>
          <StatusBadge shown={statusLabelOf({ status, unhealthy: workspace?.unhealthy })} />
          {mayUse && !isOwner && (
            <Badge variant="light" leftSection={<IconShare3 size={13} aria-hidden />}>
              Shared with you
            </Badge>
          )}
          {isOwner && offeredVersion !== undefined && (
            <Badge
              variant="light"
              className={classes['badge'] ?? ''}
              renderRoot={(props) => (
                <Link
                  to="/workspaces/$workspace/settings"
                  params={{ workspace: id }}
                  search={{ version: String(offeredVersion) }}
                  {...props}
                />
              )}
            >
              Version {offeredVersion} available
            </Badge>
          )}
        </div>
        <Text size="sm" c="dimmed">
          {workspace?.template.displayName}
        </Text>
        <Summary row={row} />
      </div>
      <div className={classes['actions']}>
        {mayUse && <LaunchButtons row={row} />}
        {mayManage && workspace !== undefined && <CardActions workspace={workspace} />}
      </div>
    </li>
  );
}
