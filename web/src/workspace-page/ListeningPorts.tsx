import { Button } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import classes from './LaunchButtons.module.css';
import { useListeningPorts } from './useListeningPorts.ts';

/** A button for each port on which a process in the workspace listens. */
export function ListeningPorts({ workspace: { id, portUrl } }: { workspace: Workspace }) {
  const ports = useListeningPorts(id);
  if (ports.length === 0) return null;
  return (
    <ul className={classes['ports']} aria-label="Listening ports">
      {ports.map((port) => (
        <li key={port}>
          <Button
            component="a"
            href={portUrl.replace('{port}', String(port))}
            target="_blank"
            rel="noopener noreferrer"
            variant="light"
            leftSection={<IconPlugConnected size={18} aria-hidden />}
          >
            Open port {port}
          </Button>
        </li>
      ))}
    </ul>
  );
}
