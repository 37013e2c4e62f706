import { Button, Loader, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { portOf, workspaceLabel } from '../../../contracts/names.ts';
import type { Workspace } from '../../../contracts/workspace.ts';
import { api } from '../api/client.ts';
import { useWorkspaceActs } from '../api/mutations.ts';
import { meQuery, sharedQuery, workspaceQuery } from '../api/queries.ts';
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
  const port = portOf(target.app);
  const body = port === undefined ? ({ for: 'app', app: target.app } as const) : ({ for: 'port', port } as const);
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

interface WaitingProps {
  workspace: Pick<Workspace, 'id' | 'name' | 'status'>;
  app: string;
  why: string;
  /** Present where the person may start it. */
  start?: { run: () => void; pending: boolean };
}

/** What is shown until the app answers: how far the workspace is, and a way to start it. */
function Waiting({ workspace, app, why, start }: WaitingProps) {
  return (
    <Stack align="center" gap="md" py="xl" role="status">
      <Title order={1} size="h2">
        {app} of {workspace.name}
      </Title>
      <StatusBadge shown={workspaceStatus[workspace.status]} />
      <Text ta="center">{waitingFor(app, why)}</Text>
      {start && (
        <>
          <Button
            size="md"
            leftSection={<IconPlayerPlay size={20} aria-hidden />}
            loading={start.pending}
            onClick={start.run}
          >
            Start {workspace.name}
          </Button>
          <Button
            variant="subtle"
            renderRoot={(props) => <Link to="/workspaces/$workspace" params={{ workspace: workspace.id }} {...props} />}
          >
            To the workspace
          </Button>
        </>
      )}
    </Stack>
  );
}

/** What an address names of a workspace: one of its apps, or a port, of whose health nobody knows. */
const named = (apps: Workspace['apps'], status: Workspace['status'], app: string) => {
  const port = portOf(app);
  if (port !== undefined) return { title: `Port ${port}`, obstacle: appObstacle(status, 'healthy') };
  const known = apps.find(({ name }) => name === app);
  return known && { title: known.displayName, obstacle: appObstacle(status, known.health) };
};

/** Of a workspace of one's own, or one that is shared as a whole. */
function OwnTarget({ target }: { target: OpenTarget }) {
  const query = useQuery(workspaceQuery(target.workspace));
  const { start } = useWorkspaceActs(query.data?.id ?? '');
  if (isNotFound(query.error)) return <NoSuchApp />;
  return (
    <Load query={query} what={target.workspace} whole>
      {(workspace) => {
        const app = named(workspace.apps, workspace.status, target.app);
        if (app === undefined) return <NoSuchApp />;
        if (app.obstacle === undefined) return <Opening workspaceId={workspace.id} target={target} />;
        const acts = possible(workspace).start
          ? { start: { run: () => start.mutate({}), pending: start.isPending } }
          : {};
        return <Waiting workspace={workspace} app={app.title} why={app.obstacle} {...acts} />;
      }}
    </Load>
  );
}

/** Of another person's workspace: what of it is shared. */
function SharedTarget({ target }: { target: OpenTarget }) {
  const query = useQuery(sharedQuery(workspaceLabel(target)));
  if (isNotFound(query.error)) return <NoSuchApp />;
  return (
    <Load query={query} what={target.workspace} whole>
      {(shared) => {
        const port = portOf(target.app);
        const open =
          shared.workspace !== undefined || port === undefined || shared.ports.some((one) => one.port === port);
        const app = open ? named(shared.apps, shared.status, target.app) : undefined;
        if (app === undefined) return <NoSuchApp />;
        if (app.obstacle === undefined) return <Opening workspaceId={shared.id} target={target} />;
        return <Waiting workspace={shared} app={app.title} why={app.obstacle} />;
      }}
    </Load>
  );
}

function NoSuchApp() {
  return <NotFoundPage title="There is no such app" description="It may be gone, or it is not shared with you." />;
}

/** Where app hosts send a browser that has not been let in yet. */
export function OpenPage() {
  const target = openTarget(route.useSearch());
  const me = useQuery(meQuery);
  usePageTitle(target === undefined ? 'Not found' : `Opening ${target.app}`);
  if (target === undefined) return <NoSuchApp />;
  return (
    <Load query={me} what="your account" whole>
      {({ name }) => (name === target.owner ? <OwnTarget target={target} /> : <SharedTarget target={target} />)}
    </Load>
  );
}
