import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { IconBrandVscode, IconWorld } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Workspace } from '../../../contracts/workspace.ts';
import { commandName, sshHost, vsCodeLink } from '../lib/connect.ts';
import { Card } from './Card.tsx';
import classes from './ConnectCard.module.css';
import { CopyLine } from './CopyLine.tsx';

function BrowserOnly({ name }: { name: string }) {
  return (
    <Alert icon={<IconWorld aria-hidden />} title={`${name} is browser-only`}>
      Terminal and apps open here in the browser. SSH, commands from outside, port forwarding and other ports are
      refused at the gateway; its template or your administrator says so.
    </Alert>
  );
}

function Step({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Stack gap={6}>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      {children}
    </Stack>
  );
}

interface Props {
  workspace: Workspace;
  own: boolean;
}

/** How to reach it with one's own tools. */
export function ConnectCard({ workspace, own }: Props) {
  const name = commandName(workspace, own);
  const host = sshHost(workspace, own);
  return (
    <Card title="From your own machine">
      {workspace.browserOnly ? (
        <BrowserOnly name={workspace.name} />
      ) : (
        <>
          <div className={classes['steps']}>
            <Step title="A shell">
              <CopyLine text={`berth ssh ${name}`} what="the command for a shell" />
            </Step>
            <Step title="A port of it, as one of yours">
              <CopyLine text={`berth port-forward ${name} 3000`} what="the command that forwards a port" />
            </Step>
            <Step title="Once, for all tools over SSH">
              <CopyLine text="berth config-ssh" what="the command that sets up SSH" />
            </Step>
            <Step title="Then ssh, scp, rsync and git as to any host">
              <CopyLine text={`ssh ${host}`} what="the ssh command" />
            </Step>
          </div>
          <Group gap="sm" align="center">
            {workspace.home !== undefined && (
              <Button
                component="a"
                href={vsCodeLink(host, workspace.home)}
                variant="default"
                leftSection={<IconBrandVscode size={18} aria-hidden />}
              >
                Open in VS Code
              </Button>
            )}
            <Text size="sm" c="dimmed" className={classes['hint'] ?? ''}>
              Editors need berth config-ssh once. In JetBrains Gateway or Toolbox, make an SSH connection to the host{' '}
              {host}.
            </Text>
          </Group>
          <Text size="sm" c="dimmed">
            No <code>berth</code> yet?{' '}
            <Anchor component={Link} to="/account/command-line" underline="always">
              Set up the command line
            </Anchor>
            .
          </Text>
        </>
      )}
    </Card>
  );
}
