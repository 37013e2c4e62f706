import { EmptyState, NativeSelect, Stack, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Me } from '../../../contracts/people.ts';
import { useAllPages } from '../api/pages.ts';
import { meQuery, peopleQuery } from '../api/queries.ts';
import { isAdmin, seesEveryone } from '../lib/roles.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { SearchField } from '../ui/elements/SearchField.tsx';
import { ShowMore } from '../ui/elements/ShowMore.tsx';
import { Load, LoadingState } from '../ui/feedback/Load.tsx';
import { NotFoundPage } from '../ui/feedback/NotFoundPage.tsx';
import { PageHeading } from '../ui/layout/PageHeading.tsx';
import classes from './PeoplePage.module.css';
import { PeopleTable } from './PeopleTable.tsx';
import { type PeopleFilters, searchPeople } from './searchPeople.ts';

const route = getRouteApi('/shell/people');
const statusChoices = [
  { value: '', label: 'Everyone' },
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
        aria-label="Status"
        data={statusChoices}
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

function PeopleList({ me }: { me: Me }) {
  const filters = route.useSearch();
  const query = useInfiniteQuery(peopleQuery);
  const searching = useAllPages(query, filters.q !== undefined || filters.show !== undefined);
  const shown = searchPeople(query.data ?? [], filters);
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
                title="No people match"
                description="People appear here after they sign in for the first time."
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

/** Everyone who has signed in, for admins and auditors. */
export function PeoplePage() {
  usePageTitle('People');
  const { data: me } = useQuery(meQuery);
  if (me === undefined) return <LoadingState what="your account" />;
  if (!seesEveryone(me))
    return <NotFoundPage title="You cannot see people" description="Only admins and auditors can see people." />;
  return (
    <Stack gap="md">
      <PageHeading
        title="People"
        about={
          isAdmin(me) ? 'Everyone who has signed in.' : 'Everyone who has signed in. Admins can deactivate people.'
        }
      />
      <PeopleList me={me} />
    </Stack>
  );
}
