import { Button, Text, Title } from '@mantine/core';
import { IconPlugConnected, IconTerminal2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Listed } from '../lib/listed.ts';
import { workspaceStatus } from '../lib/status.ts';
import { AppButton } from './AppButton.tsx';
import { AppIcon } from './AppIcon.tsx';
import { CardActs } from './CardActs.tsx';
import nameClasses from './CardName.module.css';
import { StartLine } from './StartLine.tsx';
import { StatusBadge } from './StatusBadge.tsx';
import { StopLine } from './StopLine.tsx';
import classes from './WorkspaceCard.module.css';

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
      <Text size="sm" c="var(--mantine-color-error)" lineClamp={3}>
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
    <Link to="/workspaces/$workspace" params={{ workspace: id }} className={nameClasses['name']}>
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
        {manage && workspace !== undefined && <CardActs workspace={workspace} />}
      </div>
    </li>
  );
}
