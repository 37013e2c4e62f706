import { EmptyState, NativeSelect, Stack, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Me } from '../../../contracts/routes.ts';
import { useAllPages } from '../api/pages.ts';
import { meQuery, peopleQuery } from '../api/queries.ts';
import { Load } from '../components/Load.tsx';
import { LoadingState } from '../components/LoadingState.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { PeopleTable } from '../components/PeopleTable.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { ShowMore } from '../components/ShowMore.tsx';
import { foundPeople, type PeopleFilters } from '../lib/people.ts';
import { isAdmin, seesEveryone } from '../lib/roles.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { NotFoundPage } from './NotFoundPage.tsx';
import classes from './PeoplePage.module.css';

const route = getRouteApi('/shell/people');
const shows = [
  { value: '', label: 'Everybody' },
  { value: 'active', label: 'Active' },
  { value: 'inactive', label: 'Deactivated' },
];

function Filter({ filters }: { filters: PeopleFilters }) {
  const navigate = route.useNavigate();
  const { q = '', show = '' } = filters;
  return (
    <search className={classes['bar']} aria-label="People">
      <SearchField
        label="Search people"
        placeholder="Name, group or role"
        value={q}
        onChange={(q) => navigate({ search: (search) => ({ ...search, q }), replace: true })}
      />
      <NativeSelect
        aria-label="Who is shown"
        data={shows}
        value={show}
        onChange={(event) => {
          const chosen = event.currentTarget.value as PeopleFilters['show'] | '';
          void navigate({
            search: ({ q }) => ({ ...(q === undefined ? {} : { q }), ...(chosen ? { show: chosen } : {}) }),
          });
        }}
      />
    </search>
  );
}

function Everybody({ me }: { me: Me }) {
  const filters = route.useSearch();
  const query = useInfiniteQuery(peopleQuery);
  const searching = useAllPages(query, filters.q !== undefined || filters.show !== undefined);
  const shown = foundPeople(query.data ?? [], filters);
  return (
    <>
      <Filter filters={filters} />
      <Load query={query} what="people">
        {(all) => (
          <>
            <Text role="status" size="sm" c="dimmed">
              {searching ? 'Searching…' : `${shown.length} of ${all.length} people`}
            </Text>
            {shown.length === 0 ? (
              <EmptyState
                icon={<IconUsers size={44} aria-hidden />}
                title="Nobody matches"
                description="People are known here once they have signed in for the first time."
              />
            ) : (
              <PeopleTable people={shown} me={me} />
            )}
          </>
        )}
      </Load>
      {!searching && <ShowMore query={query} />}
    </>
  );
}

/** Everybody who ever signed in, for admins and auditors. */
export function PeoplePage() {
  usePageTitle('People');
  const { data: me } = useQuery(meQuery);
  if (me === undefined) return <LoadingState what="your account" />;
  if (!seesEveryone(me)) return <NotFoundPage description="People are shown to admins and auditors." />;
  return (
    <Stack gap="md">
      <PageHeading
        title="People"
        about={
          isAdmin(me) ? 'Everybody who ever signed in.' : 'Everybody who ever signed in. Admins change who is active.'
        }
      />
      <Everybody me={me} />
    </Stack>
  );
}
