import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Card } from '../components/Card.tsx';
import { CopyLine } from '../components/CopyLine.tsx';
import { usePageTitle } from '../lib/usePageTitle.ts';

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

/** How to get and set up `berth`. */
export function CommandLineTab() {
  usePageTitle('Command line');
  return (
    <Card title="The command berth">
      <Text size="sm" c="dimmed">
        Everything you do here you can do from a terminal, and SSH needs it. It is one file and needs Node 20 or newer.
      </Text>
      <Step title="Get it">
        <CopyLine
          text={`curl -f --create-dirs -o ~/.local/bin/berth ${location.origin}/berth.cjs && chmod +x ~/.local/bin/berth`}
          what="the command that fetches it"
        />
        <Text size="sm" c="dimmed">
          It is of the same version as this portal. “berth completion” says how your shell completes its words.
        </Text>
      </Step>
      <Step title="Sign in">
        <CopyLine text={`berth login ${location.origin}`} what="the command to sign in" />
        <Text size="sm" c="dimmed">
          It opens your browser. On a machine without one, make an{' '}
          <Anchor component={Link} to="/account/tokens" underline="always">
            API token
          </Anchor>{' '}
          and set BERTH_URL and BERTH_TOKEN.
        </Text>
      </Step>
      <Step title="Reach your workspaces over SSH">
        <CopyLine text="berth config-ssh" what="the command that sets up SSH" />
        <Text size="sm" c="dimmed">
          From then on ssh, scp, rsync, git, VS Code and JetBrains find each workspace as a host: NAME.berth.
        </Text>
      </Step>
      <Step title="Look around">
        <CopyLine text="berth --help" what="the command for help" />
      </Step>
    </Card>
  );
}
