import { Badge, Button, Group, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { Me, Person } from '../../../contracts/people.ts';
import { usePersonMutations } from '../api/mutations.ts';
import { formatAgo } from '../lib/format.ts';
import { isAdmin } from '../lib/roles.ts';
import { useNow } from '../lib/useNow.ts';
import { ConfirmDialog } from '../ui/feedback/Dialog.tsx';
import classes from './PeopleTable.module.css';

function DeactivateDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const { deactivate } = usePersonMutations();
  return (
    <ConfirmDialog
      title={`Deactivate ${person.displayName}?`}
      confirm="Deactivate"
      pending={deactivate.isPending}
      onConfirm={() => deactivate.mutate(person.id, { onSettled: onClose })}
      onClose={onClose}
    >
      {person.name} can no longer use Berth. Their open connections close within a minute, and their workspaces stop.
      Nothing is deleted, and you can activate them again.
    </ConfirmDialog>
  );
}

interface RowProps {
  person: Person;
  me: Me;
  now: Date;
  onDeactivate: () => void;
}

function ActivationButton({ person, me, onDeactivate }: Omit<RowProps, 'now'>) {
  const { activate } = usePersonMutations();
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
        <Text size="sm">{person.signedInAt === undefined ? '—' : formatAgo(new Date(person.signedInAt), now)}</Text>
      </Table.Td>
      <Table.Td ta="right">
        <ActivationButton person={person} me={me} onDeactivate={onDeactivate} />
      </Table.Td>
    </Table.Tr>
  );
}

interface TableProps {
  people: readonly Person[];
  me: Me;
}

/** People, with buttons for admins to deactivate and activate them. */
export function PeopleTable({ people, me }: TableProps) {
  const now = useNow(30_000);
  const [deactivating, setDeactivating] = useState<Person>();
  return (
    <div className="berth-card">
      <Table className={classes['table'] ?? ''} verticalSpacing="sm" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Person</Table.Th>
            <Table.Th visibleFrom="sm">Groups</Table.Th>
            <Table.Th visibleFrom="sm">Last sign-in</Table.Th>
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
