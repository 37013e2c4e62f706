import { Anchor, Button, Group, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useWorkspaceActs } from '../api/mutations.ts';
import { buildQuery, meQuery, sharedQuery, workspaceQuery } from '../api/queries.ts';
import { templateVersionQuery } from '../api/templateQueries.ts';
import { ErrorState } from '../components/ErrorState.tsx';
import { FailureBox } from '../components/FailureBox.tsx';
import { LoadingState } from '../components/LoadingState.tsx';
import { StartLine } from '../components/StartLine.tsx';
import { StatusBadge } from '../components/StatusBadge.tsx';
import { StopLine } from '../components/StopLine.tsx';
import { type Tab, Tabs } from '../components/Tabs.tsx';
import { WorkspaceActions } from '../components/WorkspaceActions.tsx';
import { notifyDone } from '../lib/notify.ts';
import { mustAsk } from '../lib/parameters.ts';
import { isNotFound } from '../lib/problem.ts';
import { isAdmin } from '../lib/roles.ts';
import { possible, workspaceStatus } from '../lib/status.ts';
import { announcement } from '../lib/steps.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { type May, WorkspaceContext } from '../lib/workspaceContext.ts';
import { NoSuchWorkspace } from './NotFoundPage.tsx';
import classes from './WorkspacePage.module.css';

const route = getRouteApi('/shell/workspaces/$workspace');

/** Tells a screen reader what a sighted person sees change. */
function Announcer({ workspace }: { workspace: Workspace }) {
  const { data: build } = useQuery(buildQuery(workspace.id, workspace.build));
  const status = workspaceStatus[workspace.status].word.toLowerCase();
  return (
    <VisuallyHidden role="status">
      {announcement({ name: workspace.name, status, steps: build?.steps ?? [] })}
    </VisuallyHidden>
  );
}

/** A start asked for by a link, which by itself must never start anything. */
function StartPrompt({ name, pending, start }: { name: string; pending: boolean; start: () => void }) {
  return (
    <section className={classes['prompt']} aria-label={`Start ${name}?`}>
      <Text fw={600} size="lg">
        Start {name}?
      </Text>
      <Text c="dimmed">It is stopped. Its home is as you left it.</Text>
      <Button size="md" leftSection={<IconPlayerPlay size={20} aria-hidden />} loading={pending} onClick={start}>
        Start {name}
      </Button>
    </section>
  );
}

/** The acts, a start that goes to the settings where it has to ask for parameters, and what to try again. */
const useActs = (workspace: Workspace) => {
  const acts = useWorkspaceActs(workspace.id);
  const navigate = useNavigate();
  const { data: version } = useQuery(templateVersionQuery(workspace.template.name, workspace.template.version));
  const start = () => {
    if (version === undefined || !mustAsk(version.parameters, workspace.parameters)) return acts.start.mutate({});
    void navigate({ to: '/workspaces/$workspace/settings', params: { workspace: workspace.id } });
  };
  const retries = {
    start: { run: start, pending: acts.start.isPending },
    stop: { run: () => acts.stop.mutate(), pending: acts.stop.isPending },
    delete: { run: () => acts.remove.mutate(), pending: acts.remove.isPending },
  };
  return { acts, start, retry: retries[workspace.build.transition] };
};

const tabsOf = (workspace: string, { manage }: May): Tab[] => {
  const params = { workspace };
  const overview = {
    to: '/workspaces/$workspace',
    params,
    activeOptions: { exact: true, includeSearch: false },
  } as const;
  return [
    { label: 'Overview', link: overview },
    { label: 'Builds', link: { to: '/workspaces/$workspace/builds', params, activeOptions: { includeSearch: false } } },
    ...(manage
      ? ([
          { label: 'Sharing', link: { to: '/workspaces/$workspace/sharing', params } },
          { label: 'Settings', link: { to: '/workspaces/$workspace/settings', params } },
        ] as const)
      : []),
  ];
};

function Ready({ workspace, may }: { workspace: Workspace; may: May }) {
  const search = route.useSearch();
  // As the address names it: by its id or its name.
  const { workspace: key } = route.useParams();
  const { acts, start, retry } = useActs(workspace);
  const { name, owner, status, failure, stop, autostart, build } = workspace;
  return (
    <WorkspaceContext value={{ workspace, may }}>
      <Announcer workspace={workspace} />
      <header className={classes['header']}>
        <div>
          <Anchor component={Link} to="/workspaces" size="sm" className={classes['back']}>
            Workspaces
          </Anchor>
          <Group gap="sm">
            <Title order={1}>{name}</Title>
            <StatusBadge shown={workspaceStatus[status]} />
          </Group>
          {!may.own && <Text c="dimmed">Of {owner.name}</Text>}
          {stop !== undefined && <StopLine stop={stop} />}
          {autostart !== undefined && <StartLine next={autostart.next} />}
        </div>
        {may.manage && <WorkspaceActions workspace={workspace} acts={acts} start={start} />}
      </header>
      {may.manage && search.start === '1' && possible(workspace).start && (
        <StartPrompt name={name} pending={acts.start.isPending} start={start} />
      )}
      {failure !== undefined && (
        <FailureBox
          failure={failure}
          {...(may.manage && status === 'failed'
            ? { retry, ...(may.use && build.transition === 'start' ? { settingsOf: workspace.id } : {}) }
            : {})}
        />
      )}
      <Tabs label={`Parts of ${name}`} tabs={tabsOf(key, may)} />
      <Outlet />
    </WorkspaceContext>
  );
}

/** Back to the list once a workspace that was being deleted is gone. */
const useLeaveWhenDeleted = (workspace: Workspace | undefined, gone: boolean) => {
  const navigate = useNavigate();
  const deleted = workspace?.status === 'deleted' || (gone && workspace?.desired === 'deleted');
  const name = workspace?.name;
  useEffect(() => {
    if (!deleted) return;
    notifyDone(`${name} is deleted.`);
    void navigate({ to: '/workspaces', replace: true });
  }, [deleted, name, navigate]);
  return deleted;
};

/** What the person may do with it; `undefined` until that is known. */
const useMay = (workspace: Workspace | undefined): May | undefined => {
  const { data: me } = useQuery(meQuery);
  const own = workspace !== undefined && me?.id === workspace.owner.id;
  const others = workspace !== undefined && me !== undefined && !own;
  const shared = useQuery({ ...sharedQuery(workspace?.id ?? ''), enabled: others });
  if (me === undefined || (others && shared.isPending)) return undefined;
  return { own, use: own || shared.data?.workspace !== undefined, manage: own || isAdmin(me) };
};

/** What a window is called by the part of the page that is open, for its own title and the browser's history. */
const parts: Record<string, string> = { builds: 'Builds', sharing: 'Sharing', settings: 'Settings' };

export function WorkspacePage() {
  const { workspace: key } = route.useParams();
  const { data: workspace, error, isError, refetch } = useQuery(workspaceQuery(key));
  const may = useMay(workspace);
  const gone = isNotFound(error);
  const leaving = useLeaveWhenDeleted(workspace, gone);
  const part = parts[useLocation().pathname.split('/')[3] ?? ''];
  usePageTitle([part, workspace?.name ?? 'Workspace'].filter((words) => words !== undefined).join(' · '));
  if (leaving) return <LoadingState what="your workspaces" />;
  if (gone) return <NoSuchWorkspace />;
  if (workspace === undefined && isError) {
    return <ErrorState title="Berth could not load the workspace" error={error} retry={refetch} order={1} />;
  }
  if (workspace === undefined || may === undefined) return <LoadingState what="the workspace" />;
  return (
    <Stack gap="lg">
      <Ready workspace={workspace} may={may} />
    </Stack>
  );
}
