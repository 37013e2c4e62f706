import { Button, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useWorkspaceActs } from '../api/mutations.ts';
import { workspaceQuery } from '../api/queries.ts';
import { Layout } from '../components/Layout.tsx';
import { Load } from '../components/Load.tsx';
import { StatusBadge } from '../components/StatusBadge.tsx';
import { isNotFound } from '../lib/problem.ts';
import { possible, workspaceStatus } from '../lib/status.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { Terminals } from '../terminal/Terminals.tsx';
import { firstTab } from '../terminal/tabs.ts';
import { NotFoundPage } from './NotFoundPage.tsx';

const route = getRouteApi('/workspaces/$workspace/terminal');

/** In the terminal's place while there is nothing to connect to. */
function NotRunning({ workspace }: { workspace: Workspace }) {
  const { start } = useWorkspaceActs(workspace.id);
  const can = possible(workspace);
  return (
    <Layout>
      <Stack align="center" gap="md" py="xl" role="status">
        <Title order={1} size="h2">
          Terminal of {workspace.name}
        </Title>
        <StatusBadge shown={workspaceStatus[workspace.status]} />
        <Text ta="center">
          {can.start ? 'The workspace is not running.' : 'The terminal opens here as soon as the workspace runs.'}
        </Text>
        {can.start && (
          <Button
            size="md"
            leftSection={<IconPlayerPlay size={20} aria-hidden />}
            loading={start.isPending}
            onClick={() => start.mutate({})}
          >
            Start {workspace.name}
          </Button>
        )}
        <Button
          variant="subtle"
          renderRoot={(props) => <Link to="/workspaces/$workspace" params={{ workspace: workspace.id }} {...props} />}
        >
          To the workspace
        </Button>
      </Stack>
    </Layout>
  );
}

export function TerminalPage() {
  const { workspace: key } = route.useParams();
  const { name = firstTab } = route.useSearch();
  const query = useQuery(workspaceQuery(key));
  usePageTitle(`Terminal of ${query.data?.name ?? 'a workspace'}`);
  if (isNotFound(query.error)) {
    return (
      <Layout>
        <NotFoundPage
          title="There is no such workspace"
          description="It may have been deleted, or it is someone else’s."
        />
      </Layout>
    );
  }
  return (
    <Load query={query} what="the workspace" whole>
      {(workspace) =>
        workspace.status === 'running' ? (
          <Terminals key={workspace.build.id} workspace={workspace} named={name} />
        ) : (
          <NotRunning workspace={workspace} />
        )
      }
    </Load>
  );
}
