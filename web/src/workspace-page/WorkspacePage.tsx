import { Anchor, Button, Group, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { type StartOptions, useWorkspaceMutations } from '../api/mutations.ts';
import { buildQuery, meQuery, sharedQuery, workspaceQuery } from '../api/queries.ts';
import { templateVersionQuery } from '../api/templateQueries.ts';
import { FailureBox } from '../builds/FailureBox.tsx';
import { announcement } from '../builds/steps.ts';
import { isNotFound } from '../lib/errors.ts';
import { notifyDone } from '../lib/notify.ts';
import { isAdmin, seesEveryone } from '../lib/roles.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { needsInput } from '../templates/parameterForm.ts';
import { ErrorState, LoadingState } from '../ui/feedback/Load.tsx';
import { NoSuchWorkspace } from '../ui/feedback/NotFoundPage.tsx';
import header from '../ui/layout/PageHeader.module.css';
import { type Tab, Tabs } from '../ui/layout/Tabs.tsx';
import { fullName } from '../workspaces/connect.ts';
import { StartLine, StopLine } from '../workspaces/ScheduleLines.tsx';
import { StatusBadge } from '../workspaces/StatusBadge.tsx';
import { possibleActions, statusLabelOf } from '../workspaces/status.ts';
import { type Permissions, WorkspaceContext } from '../workspaces/workspaceContext.ts';
import { hasUpdate, UpdateOffer } from './UpdateOffer.tsx';
import { WorkspaceActions } from './WorkspaceActions.tsx';
import classes from './WorkspacePage.module.css';

const route = getRouteApi('/shell/workspaces/$workspace');

/** Announces changes of the status and of the running step to screen readers. */
function Announcer({ workspace }: { workspace: Workspace }) {
  const { data: build } = useQuery(buildQuery(workspace.id, workspace.build));
  const status = statusLabelOf(workspace).word.toLowerCase();
  return (
    <VisuallyHidden role="status">
      {announcement({ name: workspace.name, status, steps: build?.steps ?? [] })}
    </VisuallyHidden>
  );
}

/** Asks before a start that a link requested: a link must not start anything by itself. */
function StartPrompt({ name, pending, start }: { name: string; pending: boolean; start: () => void }) {
  return (
    <section className={classes['prompt']} aria-label={`Start ${name}?`}>
      <Text fw={600} size="lg">
        Start {name}?
      </Text>
      <Text c="dimmed">The workspace is stopped. Its home is as you left it.</Text>
      <Button size="md" leftSection={<IconPlayerPlay size={20} aria-hidden />} loading={pending} onClick={start}>
        Start {name}
      </Button>
    </section>
  );
}

/** The mutations; a start that opens the settings if parameters are missing; and a retry for the newest build. */
const useActions = (workspace: Workspace) => {
  const mutations = useWorkspaceMutations(workspace.id);
  const navigate = useNavigate();
  const { data: version } = useQuery(templateVersionQuery(workspace.template.name, workspace.template.version));
  const startOrOpenSettings = (body: StartOptions) => {
    if (version === undefined || !needsInput(version.parameters, workspace.parameters))
      return mutations.start.mutate(body);
    void navigate({ to: '/workspaces/$workspace/settings', params: { workspace: workspace.id } });
  };
  const start = () => startOrOpenSettings({});
  // A start with parameters, even unchanged ones, restarts a running workspace.
  const restart = () => startOrOpenSettings({ parameters: {} });
  const retries = {
    start: { run: start, pending: mutations.start.isPending },
    stop: { run: () => mutations.stop.mutate(), pending: mutations.stop.isPending },
    delete: { run: () => mutations.remove.mutate(), pending: mutations.remove.isPending },
  };
  return {
    mutations: mutations,
    start,
    restart,
    parameters: version?.parameters,
    retry: retries[workspace.build.transition],
  };
};

const tabsOf = (workspace: string, { mayManage, maySeeShares }: Permissions): Tab[] => {
  const params = { workspace };
  const overview = {
    to: '/workspaces/$workspace',
    params,
    activeOptions: { exact: true, includeSearch: false },
  } as const;
  return [
    { label: 'Overview', link: overview },
    { label: 'Builds', link: { to: '/workspaces/$workspace/builds', params, activeOptions: { includeSearch: false } } },
    ...(maySeeShares ? ([{ label: 'Sharing', link: { to: '/workspaces/$workspace/sharing', params } }] as const) : []),
    ...(mayManage ? ([{ label: 'Settings', link: { to: '/workspaces/$workspace/settings', params } }] as const) : []),
  ];
};

function Ready({ workspace, permissions }: { workspace: Workspace; permissions: Permissions }) {
  const search = route.useSearch();
  // The id or name in the URL, so that tabs keep it.
  const { workspace: key } = route.useParams();
  const { mutations, start, restart, parameters, retry } = useActions(workspace);
  const { name, status, failure, unhealthy, stop, autostart, build } = workspace;
  const failed = failure !== undefined && status === 'failed';
  const hasSettingsToChange =
    permissions.mayUse && build.transition === 'start' && (hasUpdate(workspace) || parameters?.length !== 0);
  return (
    <WorkspaceContext value={{ workspace, permissions: permissions }}>
      <Announcer workspace={workspace} />
      <header className={header['header']}>
        <div>
          <Anchor component={Link} to="/workspaces" size="sm" className={classes['back']}>
            Workspaces
          </Anchor>
          <Group gap="sm">
            <Title order={1}>{fullName(workspace, permissions.isOwner)}</Title>
            <StatusBadge shown={statusLabelOf(workspace)} />
          </Group>
          {!permissions.isOwner && (
            <Text c="dimmed">{permissions.mayUse ? 'Shared with you' : `Owned by ${workspace.owner.name}`}</Text>
          )}
          {stop !== undefined && <StopLine stop={stop} />}
          {autostart !== undefined && <StartLine next={autostart.next} />}
        </div>
        {permissions.mayManage && (
          <WorkspaceActions
            workspace={workspace}
            mutations={mutations}
            start={start}
            restart={permissions.mayUse ? restart : undefined}
            failed={failed}
          />
        )}
      </header>
      {permissions.mayManage && search.start === '1' && possibleActions(workspace).start && (
        <StartPrompt name={name} pending={mutations.start.isPending} start={start} />
      )}
      {failure !== undefined && (
        <FailureBox
          failure={failure}
          {...(permissions.mayManage && failed
            ? { retry, ...(hasSettingsToChange ? { settingsOf: workspace.id } : {}) }
            : {})}
        />
      )}
      {unhealthy !== undefined && (
        <FailureBox
          failure={unhealthy}
          {...(permissions.mayManage
            ? {
                ...(hasSettingsToChange ? { settingsOf: workspace.id } : {}),
                retry: {
                  run: () => mutations.startup.mutate(),
                  pending: mutations.startup.isPending,
                  label: 'Run startup script again',
                },
              }
            : {})}
        />
      )}
      {permissions.mayManage && permissions.mayUse && <UpdateOffer workspace={workspace} />}
      <Tabs label={`Sections of ${name}`} tabs={tabsOf(key, permissions)} />
      <Outlet />
    </WorkspaceContext>
  );
}

/** Returns to the list once the workspace is deleted. */
const useLeaveWhenDeleted = (workspace: Workspace | undefined, isGone: boolean) => {
  const navigate = useNavigate();
  const deleted = workspace?.status === 'deleted' || (isGone && workspace?.desired === 'deleted');
  const name = workspace?.name;
  useEffect(() => {
    if (!deleted) return;
    notifyDone(`${name} was deleted.`);
    void navigate({ to: '/workspaces', replace: true });
  }, [deleted, name, navigate]);
  return deleted;
};

/** The person’s permissions; `undefined` while loading. */
const usePermissions = (workspace: Workspace | undefined): Permissions | undefined => {
  const { data: me } = useQuery(meQuery);
  const isOwner = workspace !== undefined && me?.id === workspace.owner.id;
  const others = workspace !== undefined && me !== undefined && !isOwner;
  const shared = useQuery({ ...sharedQuery(workspace?.id ?? ''), enabled: others });
  if (me === undefined || (others && shared.isPending)) return undefined;
  return {
    isOwner: isOwner,
    mayUse: isOwner || shared.data?.workspace !== undefined,
    maySeeShares: isOwner || seesEveryone(me),
    mayManage: isOwner || isAdmin(me),
  };
};

/** Titles of the tabs, for the window and the browser history. */
const tabTitles: Record<string, string> = { builds: 'Builds', sharing: 'Sharing', settings: 'Settings' };

export function WorkspacePage() {
  const { workspace: key } = route.useParams();
  const { data: workspace, error, isError, refetch } = useQuery(workspaceQuery(key));
  const permissions = usePermissions(workspace);
  const isGone = isNotFound(error);
  const leaving = useLeaveWhenDeleted(workspace, isGone);
  const tabTitle = tabTitles[useLocation().pathname.split('/')[3] ?? ''];
  usePageTitle([tabTitle, workspace?.name ?? 'Workspace'].filter((words) => words !== undefined).join(' · '));
  if (leaving) return <LoadingState what="your workspaces" />;
  if (isGone) return <NoSuchWorkspace />;
  if (workspace === undefined && isError) {
    return <ErrorState title="Berth could not load the workspace" error={error} retry={refetch} order={1} />;
  }
  if (workspace === undefined || permissions === undefined) return <LoadingState what="the workspace" />;
  return (
    <Stack gap="lg">
      <Ready workspace={workspace} permissions={permissions} />
    </Stack>
  );
}
