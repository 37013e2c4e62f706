import { Loader, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { portOf, workspaceLabel } from '../../../contracts/names.ts';
import type { Workspace } from '../../../contracts/workspace.ts';
import { api } from '../api/client.ts';
import { useWorkspaceActs } from '../api/mutations.ts';
import { meQuery, sharedQuery, workspaceQuery } from '../api/queries.ts';
import { ErrorState } from '../components/ErrorState.tsx';
import { Load } from '../components/Load.tsx';
import { Waiting } from '../components/Waiting.tsx';
import { type OpenTarget, openTarget } from '../lib/openTarget.ts';
import { isNotFound } from '../lib/problem.ts';
import { appObstacle, possible } from '../lib/status.ts';
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

const waitingFor = (app: string, obstacle: string): string => {
  if (obstacle === 'starting…') return `${app} is starting. It opens here by itself.`;
  if (obstacle === 'not running') return `${app} cannot be opened, as the workspace is not running.`;
  return `${app} ${obstacle}. It opens here by itself once it does.`;
};

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
        const can = possible(workspace).start;
        return (
          <Waiting
            workspace={workspace}
            what={app.title}
            why={waitingFor(app.title, app.obstacle)}
            start={can ? { run: () => start.mutate({}), pending: start.isPending } : undefined}
            linked={can}
          />
        );
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
        return <Waiting workspace={shared} what={app.title} why={waitingFor(app.title, app.obstacle)} />;
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
