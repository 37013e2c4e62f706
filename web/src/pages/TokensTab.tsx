import { ActionIcon, Button, EmptyState, Group, Stack, Table, Text, Title, VisuallyHidden } from '@mantine/core';
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Token } from '../../../contracts/routes.ts';
import { useTokenActs } from '../api/mutations.ts';
import { tokensQuery } from '../api/queries.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { Load } from '../components/Load.tsx';
import { NewTokenDialog } from '../components/NewTokenDialog.tsx';
import { ShowMore } from '../components/ShowMore.tsx';
import { date } from '../lib/format.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import classes from './TokensTab.module.css';

function RevokeDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const { revoke } = useTokenActs();
  return (
    <ConfirmDialog
      title={`Revoke “${token.name}”?`}
      keep="Keep it"
      confirm="Revoke"
      pending={revoke.isPending}
      onConfirm={() => revoke.mutate(token.id, { onSettled: onClose })}
      onClose={onClose}
    >
      Whatever uses this token is refused from now on. This cannot be undone.
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
            <Table.Th>Valid until</Table.Th>
            <Table.Th>
              <VisuallyHidden>Revoke</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map((token) => (
            <Table.Tr key={token.id}>
              <Table.Td fw={600}>{token.name}</Table.Td>
              <Table.Td visibleFrom="sm">{date(new Date(token.createdAt))}</Table.Td>
              <Table.Td>{date(new Date(token.expiresAt))}</Table.Td>
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
          <Text c="dimmed">For scripts, and machines without a browser. A token may do all that you may.</Text>
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
              title="You have no token"
              description="Where there is a browser, “berth login” needs none. Elsewhere make one and hand it to berth as BERTH_TOKEN."
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
