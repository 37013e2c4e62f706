import { Loader, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { portOf, workspaceLabel } from '../../../contracts/values/names.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { api } from '../api/client.ts';
import { useWorkspaceMutations } from '../api/mutations.ts';
import { meQuery, sharedQuery, workspaceQuery } from '../api/queries.ts';
import { isNotFound } from '../lib/errors.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { ErrorState, Load } from '../ui/feedback/Load.tsx';
import { NotFoundPage } from '../ui/feedback/NotFoundPage.tsx';
import { NotReady } from '../workspaces/NotReady.tsx';
import { possibleActions, unavailableReason } from '../workspaces/status.ts';
import { type OpenTarget, openTarget } from './openTarget.ts';

const route = getRouteApi('/shell/open');

/**
 * Sends the ticket to the app's host by POST, because a URL would leave it in histories and logs. The browser kept the
 * fragment of the app's URL, and keeps it again through the redirect that follows the form.
 */
function TicketForm({ url, ticket, path }: { url: string; ticket: string; path: string }) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.submit(), []);
  return (
    <form ref={form} method="post" action={url + location.hash}>
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
    // A ticket is single-use and lives 30 s: never use a cached one, never fetch a second one.
    gcTime: 0,
    staleTime: Infinity,
    refetchOnMount: false,
  });
  if (query.isError) {
    return <ErrorState title={`Could not open ${target.app}`} error={query.error} retry={query.refetch} />;
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

const waitingText = (app: string, reason: string, problem?: string): string => {
  if (problem !== undefined) return `${problem} This page opens the app when it is healthy.`;
  if (reason === 'starting…') return `${app} is starting. This page opens it when it is ready.`;
  if (reason === 'not running') return `${app} cannot be opened because the workspace is not running.`;
  return `${app} is ${reason}. This page opens it when it responds.`;
};

/** The app or port that the label names. A port has no health check, so it counts as healthy. */
const findTarget = (apps: Workspace['apps'], status: Workspace['status'], app: string) => {
  const port = portOf(app);
  if (port !== undefined)
    return { title: `Port ${port}`, reason: unavailableReason(status, 'healthy'), problem: undefined };
  const known = apps.find(({ name }) => name === app);
  if (known === undefined) return undefined;
  return { title: known.displayName, reason: unavailableReason(status, known.health), problem: known.problem };
};

/** An app of the person's own workspace. */
function OwnApp({ target }: { target: OpenTarget }) {
  const query = useQuery(workspaceQuery(target.workspace));
  const { start } = useWorkspaceMutations(query.data?.id ?? '');
  if (isNotFound(query.error)) return <NoSuchApp />;
  return (
    <Load query={query} what={target.workspace} whole>
      {(workspace) => {
        const app = findTarget(workspace.apps, workspace.status, target.app);
        if (app === undefined) return <NoSuchApp />;
        if (app.reason === undefined) return <Opening workspaceId={workspace.id} target={target} />;
        const can = possibleActions(workspace).start;
        return (
          <NotReady
            workspace={workspace}
            what={app.title}
            why={waitingText(app.title, app.reason, app.problem)}
            start={can ? { run: () => start.mutate({}), pending: start.isPending } : undefined}
            linked={can}
          />
        );
      }}
    </Load>
  );
}

/** An app of another person's workspace, if it is shared with this person. */
function SharedApp({ target }: { target: OpenTarget }) {
  const query = useQuery(sharedQuery(workspaceLabel(target)));
  if (isNotFound(query.error)) return <NoSuchApp />;
  return (
    <Load query={query} what={target.workspace} whole>
      {(shared) => {
        const port = portOf(target.app);
        const open =
          shared.workspace !== undefined || port === undefined || shared.ports.some((one) => one.port === port);
        const app = open ? findTarget(shared.apps, shared.status, target.app) : undefined;
        if (app === undefined) return <NoSuchApp />;
        if (app.reason === undefined) return <Opening workspaceId={shared.id} target={target} />;
        return <NotReady workspace={shared} what={app.title} why={waitingText(app.title, app.reason, app.problem)} />;
      }}
    </Load>
  );
}

function NoSuchApp() {
  return (
    <NotFoundPage title="App not found" description="The address may be wrong, or the app is not shared with you." />
  );
}

/** App hosts redirect a browser here that has no session with them yet. */
export function OpenPage() {
  const target = openTarget(route.useSearch());
  const me = useQuery(meQuery);
  usePageTitle(target === undefined ? 'Not found' : `Opening ${target.app}`);
  if (target === undefined) return <NoSuchApp />;
  return (
    <Load query={me} what="your account" whole>
      {({ name }) => (name === target.owner ? <OwnApp target={target} /> : <SharedApp target={target} />)}
    </Load>
  );
}
