import { Button } from '@mantine/core';
import type { Workspace } from '../../../contracts/workspace.ts';
import { appObstacle } from '../lib/status.ts';
import classes from './AppButton.module.css';
import { AppIcon } from './AppIcon.tsx';

interface Props {
  app: Workspace['apps'][number];
  status: Workspace['status'];
  size?: 'compact' | 'large';
}

/** Lit when the app answers; otherwise it says why it leads nowhere. */
export function AppButton({ app, status, size = 'compact' }: Props) {
  const obstacle = appObstacle(status, app.health);
  const icon = <AppIcon name={app.icon} size={size === 'large' ? 26 : 18} />;
  const label = (
    <span className={classes['label']}>
      {app.displayName}
      {obstacle !== undefined && <small>{obstacle}</small>}
    </span>
  );
  const look = {
    className: classes['button'],
    'data-size': size,
    justify: size === 'large' ? 'flex-start' : 'center',
    leftSection: icon,
  };
  if (obstacle !== undefined) {
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
