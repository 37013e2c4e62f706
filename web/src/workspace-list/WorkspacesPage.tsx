import { Button, EmptyState, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconPlus, IconSailboat } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { Me } from '../../../contracts/people.ts';
import { useAllPages } from '../api/pages.ts';
import { meQuery, sharedListQuery, workspacesQuery } from '../api/queries.ts';
import { templatesQuery } from '../api/templateQueries.ts';
import { isAdmin, isAuditorOnly, seesEveryone } from '../lib/roles.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { ShowMore } from '../ui/elements/ShowMore.tsx';
import { Load, LoadingState } from '../ui/feedback/Load.tsx';
import { type Filters, facets, filterWorkspaces, isFiltered, type Scope } from './filters.ts';
import { WorkspaceCard } from './WorkspaceCard.tsx';
import { WorkspaceFilters } from './WorkspaceFilters.tsx';
import classes from './WorkspacesPage.module.css';
import { rowOf, type WorkspaceRow } from './workspaceRow.ts';

const FirstSteps = lazy(() => import('./FirstSteps.tsx').then(({ FirstSteps }) => ({ default: FirstSteps })));

const route = getRouteApi('/shell/workspaces');

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

/** The rows of a scope; own and shared workspaces come from different queries. */
const useRows = (scope: Scope) => {
  const own = useInfiniteQuery({
    ...workspacesQuery(scope === 'everyone' ? 'everyone' : 'me'),
    enabled: scope !== 'shared',
  });
  const shared = useInfiniteQuery({ ...sharedListQuery, enabled: scope === 'shared' });
  const { error, isError, refetch, hasNextPage, isFetching, isFetchingNextPage, fetchNextPage } =
    scope === 'shared' ? shared : own;
  const data: WorkspaceRow[] | undefined = scope === 'shared' ? shared.data : own.data?.map(rowOf);
  return { data, error, isError, refetch, hasNextPage, isFetching, isFetchingNextPage, fetchNextPage };
};

/** Finds the active version of a row’s template if the workspace has another one. */
const useOfferedVersion = () => {
  const { data: templates } = useInfiniteQuery(templatesQuery);
  return ({ workspace }: WorkspaceRow): number | undefined => {
    const active = templates?.find(({ name }) => name === workspace?.template.name)?.activeVersion;
    return active === workspace?.template.version ? undefined : active;
  };
};

const noWorkspacesOfYours = (shared: number) => ({
  title: 'You have no workspaces',
  description:
    shared === 0
      ? 'To see everyone’s workspaces, select “All”. To have your own, create one from a template.'
      : `To see ${shared === 1 ? 'the workspace' : `the ${shared} workspaces`} shared with you, select “Shared with me”. To have your own, create one from a template.`,
});

const emptyScopes = {
  shared: {
    title: 'Nothing is shared with you yet',
    description: 'Workspaces, apps and ports that others share with you appear here.',
  },
  everyone: {
    title: 'No workspaces yet',
    description: 'Everyone’s workspaces appear here.',
  },
};

interface EmptyListProps {
  scope: Scope;
  /** The number of workspaces shared with the person. */
  shared: number;
  audits: boolean;
}

/** Explains an empty scope, or shows the first steps. */
function EmptyList({ scope, shared, audits }: EmptyListProps) {
  const isQuiet = scope === 'me' && (shared > 0 || audits);
  if (scope !== 'me' || isQuiet) {
    return (
      <div role="status">
        <EmptyState
          icon={<IconSailboat size={44} aria-hidden />}
          {...(scope === 'me' ? noWorkspacesOfYours(shared) : emptyScopes[scope])}
        />
      </div>
    );
  }
  return (
    <Suspense fallback={<LoadingState what="templates" />}>
      <FirstSteps />
    </Suspense>
  );
}

/** Omits the defaults from the URL. */
const withoutDefaults = (
  { owner, sort, ...others }: Filters & { owner?: Scope },
  defaultScope: Scope,
): Filters & { owner?: Scope } => ({
  ...others,
  ...(owner === undefined || owner === defaultScope ? {} : { owner }),
  ...(sort === undefined || sort === 'name' ? {} : { sort }),
});

interface CountProps {
  shown: number;
  all: number;
  /** More pages follow that are not loaded. */
  more: boolean;
  filters: Filters;
  searching: boolean;
}

/** The number of matches, as a status that screen readers announce. */
function Count({ shown, all, more, filters, searching }: CountProps) {
  const text = () => {
    if (searching) return `Searching… ${shown} of ${all} so far`;
    const known = `${all} ${all === 1 ? 'workspace' : 'workspaces'}`;
    if (!isFiltered(filters)) return more ? `First ${known}` : known;
    const searched = more ? `the first ${known}` : known;
    return shown === 0 ? `No matches in ${searched}` : `${shown} of ${searched}`;
  };
  return (
    <Text role="status" c="dimmed" size="sm">
      {text()}
    </Text>
  );
}

export function WorkspacesPage() {
  usePageTitle('Workspaces');
  const { data: me } = useQuery(meQuery);
  // The default scope depends on the roles.
  return me === undefined ? <Loading /> : <List me={me} />;
}

function List({ me }: { me: Me }) {
  const defaultScope: Scope = isAuditorOnly(me) ? 'everyone' : 'me';
  const { owner: scope = defaultScope, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useRows(scope);
  const sharedQuery = useInfiniteQuery(sharedListQuery);
  const shared = sharedQuery.data?.length ?? 0;
  const offeredVersion = useOfferedVersion();
  // The API sorts by name; any other order needs all pages.
  const searching = useAllPages(query, isFiltered(filters) || (filters.sort ?? 'name') !== 'name');
  const all = query.data ?? [];
  const shown = filterWorkspaces(all, filters);
  const empty = query.data?.length === 0 && !query.hasNextPage;
  const scopes: Scope[] = ['me', 'shared', ...(seesEveryone(me) ? (['everyone'] as const) : [])];
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={1}>Workspaces</Title>
        {!(empty && scope === 'me' && shared === 0 && !isAuditorOnly(me)) && (
          <Button
            renderRoot={(props) => <Link to="/templates" {...props} />}
            leftSection={<IconPlus size={18} aria-hidden />}
          >
            New workspace
          </Button>
        )}
      </Group>
      <WorkspaceFilters
        scope={scope}
        scopes={scopes}
        shared={shared}
        filters={filters}
        empty={empty}
        {...facets(all)}
        change={(changed, replace = false) =>
          navigate({ search: (search) => withoutDefaults({ ...search, ...changed }, defaultScope), replace })
        }
        clear={() => navigate({ search: ({ owner }) => (owner === undefined ? {} : { owner }) })}
      />
      <Load query={query} what="workspaces" loading={<Loading />}>
        {() =>
          empty ? (
            <EmptyList scope={scope} shared={shared} audits={isAuditorOnly(me)} />
          ) : (
            <>
              <Count
                shown={shown.length}
                all={all.length}
                more={query.hasNextPage}
                filters={filters}
                searching={searching}
              />
              <ul className={classes['list']}>
                {shown.map((row) => (
                  <WorkspaceCard
                    key={row.id}
                    row={row}
                    isOwner={row.owner.id === me.id}
                    offeredVersion={offeredVersion(row)}
                    mayUse={scope === 'shared' || row.owner.id === me.id}
                    mayManage={row.owner.id === me.id || isAdmin(me)}
                  />
                ))}
              </ul>
            </>
          )
        }
      </Load>
      {!searching && (
        <ShowMore
          query={query}
          {...(isFiltered(filters) ? { label: `Search beyond the first ${all.length} workspaces` } : {})}
        />
      )}
    </Stack>
  );
}
