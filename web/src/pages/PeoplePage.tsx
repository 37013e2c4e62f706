import { Badge, Button, EmptyState, Group, NativeSelect, Stack, Table, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { Me, Person } from '../../../contracts/routes.ts';
import { usePersonActs } from '../api/mutations.ts';
import { useAllPages } from '../api/pages.ts';
import { meQuery, peopleQuery } from '../api/queries.ts';
import { Dialog } from '../components/Dialog.tsx';
import { Load } from '../components/Load.tsx';
import { LoadingState } from '../components/LoadingState.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { ago } from '../lib/format.ts';
import { foundPeople, type PeopleFilters } from '../lib/people.ts';
import { isAdmin, seesEveryone } from '../lib/roles.ts';
import { useNow } from '../lib/useNow.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { NotFoundPage } from './NotFoundPage.tsx';
import classes from './PeoplePage.module.css';

const route = getRouteApi('/shell/people');
const shows = [
  { value: '', label: 'Everybody' },
  { value: 'active', label: 'Active' },
  { value: 'inactive', label: 'Deactivated' },
];

function DeactivateDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const { deactivate } = usePersonActs();
  return (
    <Dialog onClose={onClose} title={`Deactivate ${person.displayName}?`}>
      <Stack>
        <Text>
          Every request of {person.name} is refused from now on, what they have open ends within a minute, and their
          workspaces are stopped. Nothing is deleted; you can activate them again.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep active
          </Button>
          <Button
            color="red.9"
            loading={deactivate.isPending}
            onClick={() => deactivate.mutate(person.id, { onSettled: onClose })}
          >
            Deactivate
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

interface RowProps {
  person: Person;
  me: Me;
  now: Date;
  onDeactivate: () => void;
}

function Act({ person, me, onDeactivate }: Omit<RowProps, 'now'>) {
  const { activate } = usePersonActs();
  if (!isAdmin(me) || person.id === me.id) return null;
  if (person.active) {
    return (
      <Button variant="default" onClick={onDeactivate} aria-label={`Deactivate ${person.name}`}>
        Deactivate…
      </Button>
    );
  }
  return (
    <Button
      variant="light"
      loading={activate.isPending}
      onClick={() => activate.mutate(person.id)}
      aria-label={`Activate ${person.name}`}
    >
      Activate
    </Button>
  );
}

function Row({ person, me, now, onDeactivate }: RowProps) {
  const roles = person.roles.filter((role) => role !== 'member');
  return (
    <Table.Tr>
      <Table.Td>
        <Text fw={600}>{person.displayName}</Text>
        <Text size="sm" c="dimmed">
          {[person.name, person.email].filter((part) => part !== undefined).join(' · ')}
        </Text>
        <Group gap={6}>
          {!person.active && <Badge color="red.9">Deactivated</Badge>}
          {roles.map((role) => (
            <Badge key={role} color="sea.8">
              {role}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm">{person.groups.join(', ') || '—'}</Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm">{person.signedInAt === undefined ? '—' : ago(new Date(person.signedInAt), now)}</Text>
      </Table.Td>
      <Table.Td ta="right">
        <Act person={person} me={me} onDeactivate={onDeactivate} />
      </Table.Td>
    </Table.Tr>
  );
}

interface TableProps {
  people: readonly Person[];
  me: Me;
}

function PeopleTable({ people, me }: TableProps) {
  const now = useNow(30_000);
  const [deactivating, setDeactivating] = useState<Person>();
  return (
    <div className="berth-card">
      <Table className={classes['table'] ?? ''} verticalSpacing="sm" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Person</Table.Th>
            <Table.Th visibleFrom="sm">Groups</Table.Th>
            <Table.Th visibleFrom="sm">Signed in</Table.Th>
            <Table.Th ta="right">{isAdmin(me) ? 'Access' : ''}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.map((person) => (
            <Row key={person.id} person={person} me={me} now={now} onDeactivate={() => setDeactivating(person)} />
          ))}
        </Table.Tbody>
      </Table>
      {deactivating && <DeactivateDialog person={deactivating} onClose={() => setDeactivating(undefined)} />}
    </div>
  );
}

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
      {query.hasNextPage && !searching && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          Show more
        </Button>
      )}
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
