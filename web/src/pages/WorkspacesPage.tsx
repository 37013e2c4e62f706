import { Button, Group, SegmentedControl, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';
import { meQuery, type Owner, workspacesQuery } from '../api/queries.ts';
import { Load } from '../components/Load.tsx';
import { LoadingState } from '../components/LoadingState.tsx';
import { WorkspaceCard } from '../components/WorkspaceCard.tsx';
import { matches } from '../lib/search.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import classes from './WorkspacesPage.module.css';

const FirstSteps = lazy(() =>
  import('../components/FirstSteps.tsx').then(({ FirstSteps }) => ({ default: FirstSteps })),
);

const route = getRouteApi('/shell/workspaces');
const scopes = [
  { value: 'me', label: 'Mine' },
  { value: 'everyone', label: 'Everyone’s' },
];

function Loading() {
  return (
    <div role="status" aria-label="Loading workspaces">
      <Stack>
        {[1, 2, 3].map((row) => (
          <Skeleton key={row} height={92} radius={12} />
        ))}
      </Stack>
    </div>
  );
}

function Toolbar({ everyone }: { everyone: boolean }) {
  const { q = '', owner = 'me' } = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: { q?: string; owner?: Owner }) =>
    navigate({ search: (search) => ({ ...search, ...next }), replace: true });
  return (
    <Group gap="sm" wrap="wrap">
      <TextInput
        className={classes['search']}
        type="search"
        aria-label="Search workspaces"
        placeholder="Search by name or template"
        leftSection={<IconSearch size={18} aria-hidden />}
        value={q}
        onChange={(event) => change({ q: event.currentTarget.value })}
      />
      {everyone && (
        <SegmentedControl
          aria-label="Whose workspaces"
          data={scopes}
          value={owner}
          onChange={(value) => change({ owner: value === 'everyone' ? 'everyone' : 'me' })}
        />
      )}
    </Group>
  );
}

interface ListProps {
  workspaces: readonly Workspace[];
  me: string | undefined;
  more: boolean;
}

function List({ workspaces, me, more }: ListProps) {
  const { q = '', owner = 'me' } = route.useSearch();
  const shown = workspaces.filter((workspace) => matches(workspace, q));
  if (shown.length === 0) {
    return (
      <Text c="dimmed" py="lg">
        {q === '' ? 'There are no workspaces.' : `None of ${workspaces.length} workspaces matches “${q}”.`}
        {more && ' There are more that are not loaded yet.'}
      </Text>
    );
  }
  return (
    <ul className={classes['list']}>
      {shown.map((workspace) => (
        <WorkspaceCard key={workspace.id} workspace={workspace} own={owner === 'me' || workspace.owner.id === me} />
      ))}
    </ul>
  );
}

export function WorkspacesPage() {
  usePageTitle('Workspaces');
  const { owner = 'me' } = route.useSearch();
  const { data: me } = useQuery(meQuery);
  const query = useInfiniteQuery(workspacesQuery(owner));
  const everyone = me?.roles.some((role) => role === 'admin' || role === 'auditor') ?? false;
  const none = owner === 'me' && query.data?.length === 0 && !query.hasNextPage;
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1}>Workspaces</Title>
        {!none && (
          <Button
            renderRoot={(props) => <Link to="/new" {...props} />}
            leftSection={<IconPlus size={18} aria-hidden />}
          >
            New workspace
          </Button>
        )}
      </Group>
      {(!none || everyone) && <Toolbar everyone={everyone} />}
      <Load query={query} what="workspaces" loading={<Loading />}>
        {(workspaces) =>
          none ? (
            <Suspense fallback={<LoadingState what="templates" />}>
              <FirstSteps />
            </Suspense>
          ) : (
            <List workspaces={workspaces} me={me?.id} more={query.hasNextPage} />
          )
        }
      </Load>
      {query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Stack>
  );
}
