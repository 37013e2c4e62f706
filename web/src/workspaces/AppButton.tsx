import { Button } from '@mantine/core';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { AppIcon } from '../ui/elements/AppIcon.tsx';
import classes from './AppButton.module.css';
import { unavailableReason } from './status.ts';

interface Props {
  app: Workspace['apps'][number];
  status: Workspace['status'];
  size?: 'compact' | 'large';
}

/** Opens the app if it is healthy; otherwise disabled, with the reason. */
export function AppButton({ app, status, size = 'compact' }: Props) {
  const reason = unavailableReason(status, app.health);
  const icon = <AppIcon name={app.icon} size={size === 'large' ? 26 : 18} />;
  const label = (
    <span className={classes['label']}>
      {app.displayName}
      {reason !== undefined && <small>{size === 'large' ? (app.problem ?? reason) : reason}</small>}
    </span>
  );
  const look = {
    className: classes['button'],
    'data-size': size,
    justify: size === 'large' ? 'flex-start' : 'center',
    leftSection: icon,
  };
  if (reason !== undefined) {
    return (
      <Button {...look} variant="default" disabled>
        {label}
      </Button>
    );
  }
  return (
    <Button {...look} component="a" href={app.url} target="_blank" rel="noopener noreferrer" variant="light">
      {label}
    </Button>
  );
}
