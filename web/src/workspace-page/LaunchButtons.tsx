import { Button } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import buttonClasses from '../workspaces/AppButton.module.css';
import { AppButton } from '../workspaces/AppButton.tsx';
import classes from './LaunchButtons.module.css';
import { ListeningPorts } from './ListeningPorts.tsx';
import { OpenPort } from './OpenPort.tsx';

/** Opens the terminal, the apps and ports. */
export function LaunchButtons({ workspace }: { workspace: Workspace }) {
  const { id, status, apps, browserOnly } = workspace;
  const ready = status === 'running';
  const icon = <IconTerminal2 size={26} aria-hidden />;
  const look = { className: buttonClasses['button'], 'data-size': 'large', justify: 'flex-start', leftSection: icon };
  return (
    <section aria-label="Terminal and apps" className={classes['grid']}>
      {ready ? (
        <Button
          {...look}
          renderRoot={(props) => <Link to="/workspaces/$workspace/terminal" params={{ workspace: id }} {...props} />}
        >
          Terminal
        </Button>
      ) : (
        <Button {...look} variant="default" disabled>
          <span className={buttonClasses['label']}>
            Terminal
            <small>{status === 'starting' || status === 'pending' ? 'starting…' : 'not running'}</small>
          </span>
        </Button>
      )}
      {apps.map((app) => (
        <AppButton key={app.name} app={app} status={status} size="large" />
      ))}
      {ready && !browserOnly && <OpenPort portUrl={workspace.portUrl} />}
      {ready && !browserOnly && <ListeningPorts workspace={workspace} />}
    </section>
  );
}
