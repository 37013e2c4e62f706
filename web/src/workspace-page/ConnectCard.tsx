import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { IconBrandVscode, IconWorld } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { CopyLine } from '../ui/elements/CopyLine.tsx';
import { Card } from '../ui/layout/Card.tsx';
import { fullName, sshHost, vsCodeLink } from '../workspaces/connect.ts';
import classes from './ConnectCard.module.css';

function BrowserOnly({ name }: { name: string }) {
  return (
    <Alert icon={<IconWorld aria-hidden />} title={`${name} is browser-only`}>
      Use the terminal and apps here in the browser. The template or your administrator does not allow SSH, remote
      commands, port forwarding or other ports.
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
  isOwner: boolean;
}

/** How to connect with tools on the person's own machine. */
export function ConnectCard({ workspace, isOwner }: Props) {
  const name = fullName(workspace, isOwner);
  const host = sshHost(workspace, isOwner);
  return (
    <Card title="Connect from your machine">
      {workspace.browserOnly ? (
        <BrowserOnly name={workspace.name} />
      ) : (
        <>
          <div className={classes['steps']}>
            <Step title="Open a shell">
              <CopyLine text={`berth ssh ${name}`} what="the shell command" />
            </Step>
            <Step title="Forward a port to your machine">
              <CopyLine text={`berth port-forward ${name} 3000`} what="the port-forwarding command" />
            </Step>
            <Step title="Set up SSH (once)">
              <CopyLine text="berth config-ssh" what="the SSH setup command" />
            </Step>
            <Step title="Connect with ssh, scp, rsync or git">
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
              Run berth config-ssh once before you use an editor. In JetBrains Gateway or Toolbox, connect over SSH to{' '}
              {host}.
            </Text>
          </Group>
          <Text size="sm" c="dimmed">
            Don’t have the <code>berth</code> command?{' '}
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
