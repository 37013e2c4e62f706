import { ActionIcon, Button, EmptyState, Group, Stack, Table, Text, Title, VisuallyHidden } from '@mantine/core';
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Token } from '../../../contracts/people.ts';
import { useTokenMutations } from '../api/mutations.ts';
import { tokensQuery } from '../api/queries.ts';
import { formatDate } from '../lib/format.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { ShowMore } from '../ui/elements/ShowMore.tsx';
import { ConfirmDialog } from '../ui/feedback/Dialog.tsx';
import { Load } from '../ui/feedback/Load.tsx';
import { NewTokenDialog } from './NewTokenDialog.tsx';
import classes from './TokensTab.module.css';

function RevokeDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const { revoke } = useTokenMutations();
  return (
    <ConfirmDialog
      title={`Revoke “${token.name}”?`}
      confirm="Revoke token"
      pending={revoke.isPending}
      onConfirm={() => revoke.mutate(token.id, { onSettled: onClose })}
      onClose={onClose}
    >
      Anything that uses this token loses access. You cannot undo this.
    </ConfirmDialog>
  );
}

function TokenTable({ tokens, onRevoke }: { tokens: readonly Token[]; onRevoke: (token: Token) => void }) {
  return (
    <div className="berth-card">
      <Table className={classes['table']} verticalSpacing="xs" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th visibleFrom="sm">Created</Table.Th>
            <Table.Th>Expires</Table.Th>
            <Table.Th>
              <VisuallyHidden>Actions</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map((token) => (
            <Table.Tr key={token.id}>
              <Table.Td fw={600}>{token.name}</Table.Td>
              <Table.Td visibleFrom="sm">{formatDate(new Date(token.createdAt))}</Table.Td>
              <Table.Td>{formatDate(new Date(token.expiresAt))}</Table.Td>
              <Table.Td ta="right">
                <ActionIcon
                  variant="subtle"
                  color="red"
                  size={40}
                  aria-label={`Revoke ${token.name}`}
                  onClick={() => onRevoke(token)}
                >
                  <IconTrash size={20} aria-hidden />
                </ActionIcon>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

export function TokensTab() {
  usePageTitle('API tokens');
  const query = useInfiniteQuery(tokensQuery);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <div>
          <Title order={2} size="h3">
            API tokens
          </Title>
          <Text c="dimmed">For scripts, and for machines without a browser. A token acts with your permissions.</Text>
        </div>
        <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setCreating(true)}>
          New token
        </Button>
      </Group>
      <Load query={query} what="your tokens">
        {(tokens) =>
          tokens.length === 0 ? (
            <EmptyState
              icon={<IconKey size={44} aria-hidden />}
              title="No API tokens"
              description="If your machine has a browser, use “berth login”. Otherwise create a token and set it as BERTH_TOKEN."
            />
          ) : (
            <TokenTable tokens={tokens} onRevoke={setRevoking} />
          )
        }
      </Load>
      <ShowMore query={query} />
      {creating && <NewTokenDialog onClose={() => setCreating(false)} />}
      {revoking && <RevokeDialog token={revoking} onClose={() => setRevoking(undefined)} />}
    </Stack>
  );
}
