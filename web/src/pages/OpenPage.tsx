import { Button, Loader, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';
import { api } from '../api/client.ts';
import { useWorkspaceActs } from '../api/mutations.ts';
import { meQuery, workspaceQuery } from '../api/queries.ts';
import { ErrorState } from '../components/ErrorState.tsx';
import { Load } from '../components/Load.tsx';
import { StatusBadge } from '../components/StatusBadge.tsx';
import { type OpenTarget, openTarget } from '../lib/openTarget.ts';
import { isNotFound } from '../lib/problem.ts';
import { appObstacle, possible, workspaceStatus } from '../lib/status.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { NotFoundPage } from './NotFoundPage.tsx';

const route = getRouteApi('/shell/open');

/** Hands the ticket to the app's host by POST: in an address it would end in histories and logs. */
function TicketForm({ url, ticket, path }: { url: string; ticket: string; path: string }) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.submit(), []);
  return (
    <form ref={form} method="post" action={url}>
      <input type="hidden" name="ticket" value={ticket} />
      <input type="hidden" name="path" value={path} />
    </form>
  );
}

function Opening({ workspaceId, target }: { workspaceId: string; target: OpenTarget }) {
  const body = { for: 'app', app: target.app } as const;
  const query = useQuery({
    queryKey: ['ticket', workspaceId, target.app],
    queryFn: ({ signal }) => api.createTicket({ params: { workspace: workspaceId }, body }, { signal }),
    // A ticket is taken once and lives 30 s: never one from before, never a second one.
    gcTime: 0,
    staleTime: Infinity,
    refetchOnMount: false,
  });
  if (query.isError) {
    return <ErrorState title={`${target.app} could not be opened`} error={query.error} retry={query.refetch} />;
  }
  return (
    <Stack align="center" py="xl" role="status">
      <Loader type="dots" aria-hidden />
      <Title order={1} size="h3">
        Opening {target.app}…
      </Title>
      {query.data && <TicketForm url={query.data.url} ticket={query.data.ticket} path={target.path} />}
    </Stack>
  );
}

const waitingFor = (app: string, why: string): string => {
  if (why === 'starting…') return `${app} is starting. It opens here by itself.`;
  if (why === 'not running') return `${app} cannot be opened, as the workspace is not running.`;
  return `${app} ${why}. It opens here by itself once it does.`;
};

/** What is shown until the app answers: how far the workspace is, and a way to start it. */
function Waiting({ workspace, app, why }: { workspace: Workspace; app: string; why: string }) {
  const { start } = useWorkspaceActs(workspace.id);
  return (
    <Stack align="center" gap="md" py="xl" role="status">
      <Title order={1} size="h2">
        {app} of {workspace.name}
      </Title>
      <StatusBadge shown={workspaceStatus[workspace.status]} />
      <Text ta="center">{waitingFor(app, why)}</Text>
      {possible(workspace).start && (
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
  );
}

function Target({ target }: { target: OpenTarget }) {
  const query = useQuery(workspaceQuery(target.workspace));
  if (isNotFound(query.error)) return <NoSuchApp />;
  return (
    <Load query={query} what={target.workspace}>
      {(workspace) => {
        const app = workspace.apps.find(({ name }) => name === target.app);
        if (app === undefined) return <NoSuchApp />;
        const obstacle = appObstacle(workspace.status, app.health);
        if (obstacle === undefined) return <Opening workspaceId={workspace.id} target={target} />;
        return <Waiting workspace={workspace} app={app.displayName} why={obstacle} />;
      }}
    </Load>
  );
}

function NoSuchApp() {
  return <NotFoundPage title="There is no such app" description="It may be gone, or it belongs to someone else." />;
}

/** Where app hosts send a browser that has not been let in yet. */
export function OpenPage() {
  const target = openTarget(route.useSearch());
  const me = useQuery(meQuery);
  usePageTitle(target === undefined ? 'Not found' : `Opening ${target.app}`);
  if (target === undefined) return <NoSuchApp />;
  return (
    <Load query={me} what="your account">
      {({ name }) => (name === target.owner ? <Target target={target} /> : <NoSuchApp />)}
    </Load>
  );
}
