import { Anchor, Button, Group, Text, Title, VisuallyHidden } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useWorkspaceActs } from '../api/mutations.ts';
import { buildQuery, meQuery, templateVersionQuery, workspaceQuery } from '../api/queries.ts';
import { AppGrid } from '../components/AppGrid.tsx';
import { AutostartCard } from '../components/AutostartCard.tsx';
import { BuildHistory } from '../components/BuildHistory.tsx';
import { BuildTimeline } from '../components/BuildTimeline.tsx';
import { ErrorState } from '../components/ErrorState.tsx';
import { FailureBox } from '../components/FailureBox.tsx';
import { LoadingState } from '../components/LoadingState.tsx';
import { StartLine } from '../components/StartLine.tsx';
import { StatusBadge } from '../components/StatusBadge.tsx';
import { StopLine } from '../components/StopLine.tsx';
import { WorkspaceActions } from '../components/WorkspaceActions.tsx';
import { WorkspaceDetails } from '../components/WorkspaceDetails.tsx';
import { notifyDone } from '../lib/notify.ts';
import { mustAsk } from '../lib/parameters.ts';
import { isNotFound } from '../lib/problem.ts';
import { possible, workspaceStatus } from '../lib/status.ts';
import { announcement } from '../lib/steps.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { NotFoundPage } from './NotFoundPage.tsx';
import classes from './WorkspacePage.module.css';

const ParametersDrawer = lazy(() =>
  import('../components/ParametersDrawer.tsx').then(({ ParametersDrawer }) => ({ default: ParametersDrawer })),
);

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
      <Button
        size="md"
        leftSection={<IconPlayerPlay size={20} aria-hidden />}
        loading={pending}
        onClick={start}
        data-autofocus
      >
        Start {name}
      </Button>
    </section>
  );
}

/** The acts, and whether a start has to ask for parameters before. */
const useActs = (workspace: Workspace) => {
  const acts = useWorkspaceActs(workspace.id);
  const [changing, setChanging] = useState(false);
  const { data: version } = useQuery(templateVersionQuery(workspace.template.name, workspace.template.version));
  const start = () => {
    if (version !== undefined && mustAsk(version.parameters, workspace.parameters)) setChanging(true);
    else acts.start.mutate({});
  };
  const retries = {
    start: { run: start, pending: acts.start.isPending },
    stop: { run: () => acts.stop.mutate(), pending: acts.stop.isPending },
    delete: { run: () => acts.remove.mutate(), pending: acts.remove.isPending },
  };
  const definitions = version?.parameters ?? [];
  return { acts, start, changing, setChanging, definitions, retry: retries[workspace.build.transition] };
};

function Ready({ workspace, own }: { workspace: Workspace; own: boolean }) {
  const search = route.useSearch();
  const { acts, start, changing, setChanging, definitions, retry } = useActs(workspace);
  const { name, status, failure, stop, autostart, build } = workspace;
  const selected = Number(search.build ?? build.number) || build.number;
  const change = () => setChanging(true);
  return (
    <>
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
          {stop !== undefined && <StopLine stop={stop} />}
          {autostart !== undefined && <StartLine next={autostart.next} />}
        </div>
        {own && <WorkspaceActions workspace={workspace} acts={acts} start={start} />}
      </header>
      {own && search.start === '1' && possible(workspace).start && (
        <StartPrompt name={name} pending={acts.start.isPending} start={start} />
      )}
      {failure !== undefined && (
        <FailureBox
          failure={failure}
          {...(own && status === 'failed' ? { retry, ...(build.transition === 'start' ? { change } : {}) } : {})}
        />
      )}
      {own && <AppGrid workspace={workspace} />}
      <div className={classes['columns']}>
        <BuildTimeline key={selected} workspaceId={workspace.id} number={selected} />
        <div className={classes['side']}>
          <WorkspaceDetails workspace={workspace} definitions={definitions} change={own ? change : undefined} />
          <AutostartCard workspace={workspace} own={own} />
          <BuildHistory workspace={workspace} selected={selected} />
        </div>
      </div>
      {changing && (
        <Suspense fallback={null}>
          <ParametersDrawer workspace={workspace} onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </>
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

export function WorkspacePage() {
  const { workspace: key } = route.useParams();
  const { data: workspace, error, isError, refetch } = useQuery(workspaceQuery(key));
  const { data: me } = useQuery(meQuery);
  const gone = isNotFound(error);
  const leaving = useLeaveWhenDeleted(workspace, gone);
  usePageTitle(workspace?.name ?? 'Workspace');
  if (leaving) return <LoadingState what="your workspaces" />;
  if (gone)
    return (
      <NotFoundPage
        title="There is no such workspace"
        description="It may have been deleted, or it is someone else’s."
      />
    );
  if (workspace === undefined) {
    if (isError) return <ErrorState title="Berth could not load the workspace" error={error} retry={refetch} />;
    return <LoadingState what="the workspace" />;
  }
  return (
    <div className={classes['page']}>
      <Ready workspace={workspace} own={me?.id === workspace.owner.id} />
    </div>
  );
}
