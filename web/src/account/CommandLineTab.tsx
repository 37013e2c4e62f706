import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { CopyLine } from '../ui/elements/CopyLine.tsx';
import { Card } from '../ui/layout/Card.tsx';

function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap={6}>
      <Title order={3} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  );
}

/** How to install and set up `berth`. */
export function CommandLineTab() {
  usePageTitle('Command line');
  return (
    <Card title="Command line">
      <Text size="sm" c="dimmed">
        Use Berth from a terminal, and connect to your workspaces over SSH. The berth command is a single file and
        requires Node.js 20 or later.
      </Text>
      <Step title="Install">
        <CopyLine
          text={`curl -f --create-dirs -o ~/.local/bin/berth ${location.origin}/berth.cjs && chmod +x ~/.local/bin/berth`}
          what="the install command"
        />
        <Text size="sm" c="dimmed">
          This is the same version as the portal. “berth completion” prints how to set up completion in your shell.
        </Text>
      </Step>
      <Step title="Sign in">
        <CopyLine text={`berth login ${location.origin}`} what="the sign-in command" />
        <Text size="sm" c="dimmed">
          This opens your browser. On a machine without a browser, create an{' '}
          <Anchor component={Link} to="/account/tokens" underline="always">
            API token
          </Anchor>{' '}
          and set BERTH_URL and BERTH_TOKEN.
        </Text>
      </Step>
      <Step title="Set up SSH">
        <CopyLine text="berth config-ssh" what="the SSH setup command" />
        <Text size="sm" c="dimmed">
          After that, ssh, scp, rsync, git, VS Code and JetBrains IDEs can connect to each workspace as the host
          NAME.berth.
        </Text>
      </Step>
      <Step title="Explore the commands">
        <CopyLine text="berth --help" what="the help command" />
      </Step>
    </Card>
  );
}
