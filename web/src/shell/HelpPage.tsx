import { Anchor, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { configQuery } from '../api/queries.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { Card } from '../ui/layout/Card.tsx';

/** An introduction for new people, and a link to the company's support. */
export function HelpPage() {
  usePageTitle('Help');
  const { support, version } = useQuery(configQuery).data ?? {};
  return (
    <Stack gap="lg" maw={760}>
      <Title order={1}>Help</Title>
      <Card title="Workspaces">
        <Text>
          You create a workspace from a{' '}
          <Anchor component={Link} to="/templates" underline="always">
            template
          </Anchor>
          . It stops automatically some time after you last use it. Its page shows when; to keep it running longer,
          choose Extend. Your home is kept until you delete the workspace.
        </Text>
        <Text>
          If a start fails, the workspace’s page shows what failed and the log of each step. Change the parameters under
          Settings, or try again.
        </Text>
      </Card>
      <Card title="Your own tools">
        <Text>
          Use the{' '}
          <Anchor component={Link} to="/account/command-line" underline="always">
            command line
          </Anchor>{' '}
          to work over SSH, in your editor, or from scripts. To use a git host, add your{' '}
          <Anchor component={Link} to="/account/git-key" underline="always">
            git key
          </Anchor>{' '}
          to your account there.
        </Text>
      </Card>
      <Card title="Support">
        {support === undefined ? (
          <Text>Contact your administrator. Include the workspace name and the build number.</Text>
        ) : (
          <Text>
            Contact your company’s{' '}
            <Anchor href={support} target="_blank" rel="noopener noreferrer" underline="always">
              support for Berth
            </Anchor>
            . Include the workspace name and the build number.
          </Text>
        )}
        <Text c="dimmed">Berth {version}</Text>
      </Card>
    </Stack>
  );
}
