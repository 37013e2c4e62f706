import { Button, EmptyState, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconPlus, IconSailboat } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useAllPages } from '../api/pages.ts';
import { meQuery, sharedListQuery, workspacesQuery } from '../api/queries.ts';
import { Load } from '../components/Load.tsx';
import { LoadingState } from '../components/LoadingState.tsx';
import { ShowMore } from '../components/ShowMore.tsx';
import { WorkspaceCard } from '../components/WorkspaceCard.tsx';
import { WorkspaceFilters } from '../components/WorkspaceFilters.tsx';
import { type Filters, facets, filtered, isFiltered, type Scope } from '../lib/filters.ts';
import { type Listed, listed } from '../lib/listed.ts';
import { isAdmin, seesEveryone } from '../lib/roles.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import classes from './WorkspacesPage.module.css';

const FirstSteps = lazy(() =>
  import('../components/FirstSteps.tsx').then(({ FirstSteps }) => ({ default: FirstSteps })),
);

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

/** The workspaces of a scope, all asked for by the same means. */
const useListed = (scope: Scope) => {
  const own = useInfiniteQuery({
    ...workspacesQuery(scope === 'everyone' ? 'everyone' : 'me'),
    enabled: scope !== 'shared',
  });
  const shared = useInfiniteQuery({ ...sharedListQuery, enabled: scope === 'shared' });
  const { error, isError, refetch, hasNextPage, isFetching, isFetchingNextPage, fetchNextPage } =
    scope === 'shared' ? shared : own;
  const data: Listed[] | undefined = scope === 'shared' ? shared.data : own.data?.map(listed);
  return { data, error, isError, refetch, hasNextPage, isFetching, isFetchingNextPage, fetchNextPage };
};

const nothing = {
  shared: {
    title: 'Nobody shares anything with you yet',
    description: 'Who owns a workspace can share it, or one of its apps, on its page. It is found here then.',
  },
  everyone: {
    title: 'Nobody has made a workspace yet',
    description: 'Everybody’s workspaces are found here, whoever made them.',
  },
};

/** What is shown of a scope in which there is nothing. */
function Nothing({ scope }: { scope: Scope }) {
  if (scope !== 'me') {
    return (
      <div role="status">
        <EmptyState icon={<IconSailboat size={44} aria-hidden />} {...nothing[scope]} />
      </div>
    );
  }
  return (
    <Suspense fallback={<LoadingState what="templates" />}>
      <FirstSteps />
    </Suspense>
  );
}

/** What is so by itself is not said in the address. */
const withoutUsual = ({ owner, sort, ...others }: Filters & { owner?: Scope }): Filters & { owner?: Scope } => ({
  ...others,
  ...(owner === undefined || owner === 'me' ? {} : { owner }),
  ...(sort === undefined || sort === 'name' ? {} : { sort }),
});

interface CountProps {
  shown: number;
  all: number;
  /** There are others, which are not loaded. */
  more: boolean;
  filters: Filters;
  searching: boolean;
}

/** How many there are, told to screen readers as well. */
function Count({ shown, all, more, filters, searching }: CountProps) {
  const words = () => {
    if (searching) return `Searching… ${shown} of ${all} so far.`;
    const known = `${all} ${all === 1 ? 'workspace' : 'workspaces'}`;
    if (!isFiltered(filters)) return more ? `The first ${known}` : known;
    const searched = more ? `the first ${known}` : known;
    return shown === 0 ? `None of ${searched} matches.` : `${shown} of ${searched}`;
  };
  return (
    <Text role="status" c="dimmed" size="sm">
      {words()}
    </Text>
  );
}

export function WorkspacesPage() {
  usePageTitle('Workspaces');
  const { owner: scope = 'me', ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: me } = useQuery(meQuery);
  const query = useListed(scope);
  // By name is the order they come in; any other needs all of them.
  const searching = useAllPages(query, isFiltered(filters) || (filters.sort ?? 'name') !== 'name');
  const all = query.data ?? [];
  const shown = filtered(all, filters);
  const empty = query.data?.length === 0 && !query.hasNextPage;
  const scopes: Scope[] = ['me', 'shared', ...(seesEveryone(me) ? (['everyone'] as const) : [])];
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={1}>Workspaces</Title>
        {!(empty && scope === 'me') && (
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
        filters={filters}
        empty={empty}
        {...facets(all)}
        change={(changed, replace = false) =>
          navigate({ search: (search) => withoutUsual({ ...search, ...changed }), replace })
        }
        clear={() => navigate({ search: ({ owner }) => (owner === undefined ? {} : { owner }) })}
      />
      <Load query={query} what="workspaces" loading={<Loading />}>
        {() =>
          empty ? (
            <Nothing scope={scope} />
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
                {shown.map((listed) => (
                  <WorkspaceCard
                    key={listed.id}
                    listed={listed}
                    own={listed.owner.id === me?.id}
                    use={scope === 'shared' || listed.owner.id === me?.id}
                    manage={listed.owner.id === me?.id || isAdmin(me)}
                  />
                ))}
              </ul>
            </>
          )
        }
      </Load>
      {!searching && (
        <ShowMore query={query} {...(isFiltered(filters) ? { label: `Search beyond the first ${all.length}` } : {})} />
      )}
    </Stack>
  );
}
