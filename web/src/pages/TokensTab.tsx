import {
  ActionIcon,
  Alert,
  Button,
  Code,
  CopyButton,
  EmptyState,
  Group,
  NumberInput,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
  VisuallyHidden,
} from '@mantine/core';
import { IconCheck, IconCopy, IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { RouteResponse, Token } from '../../../contracts/routes.ts';
import { useTokenActs } from '../api/mutations.ts';
import { tokensQuery } from '../api/queries.ts';
import { Dialog } from '../components/Dialog.tsx';
import { Load } from '../components/Load.tsx';
import { date } from '../lib/format.ts';
import { sentenceOf } from '../lib/problem.ts';
import { checkToken } from '../lib/token.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import classes from './TokensTab.module.css';

type NewToken = RouteResponse<'createToken'>;

/** The only time the secret is seen. */
function Secret({ token, onClose }: { token: NewToken; onClose: () => void }) {
  return (
    <Stack>
      <Alert color="yellow">Copy the token now. It is not shown again, and Berth keeps no copy.</Alert>
      <Code block className={classes['secret']}>
        {token.secret}
      </Code>
      <Group justify="flex-end">
        <CopyButton value={token.secret}>
          {({ copied, copy }) => (
            <Button
              variant="light"
              leftSection={copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
              onClick={copy}
            >
              <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}

function CreateForm({ onCreated }: { onCreated: (token: NewToken) => void }) {
  const { create } = useTokenActs();
  const [name, setName] = useState('');
  const [days, setDays] = useState<number | string>(90);
  const [checked, setChecked] = useState(false);
  const wrong = checkToken(name, days);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (wrong.name === undefined && wrong.days === undefined) {
      create.mutate({ name: name.trim(), days: Number(days) }, { onSuccess: onCreated });
    }
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {create.isError && (
          <Alert color="red" role="alert">
            {sentenceOf(create.error)}
          </Alert>
        )}
        <TextInput
          data-autofocus
          label="Name"
          description="What it is for, so that you know which one to revoke."
          required
          maxLength={60}
          value={name}
          error={checked && wrong.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NumberInput
          label="Days it is valid"
          description="1 to 365"
          required
          min={1}
          max={365}
          allowDecimal={false}
          clampBehavior="none"
          value={days}
          error={checked && wrong.days}
          onChange={setDays}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending}>
            Create token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<NewToken>();
  return (
    // While the secret is on the screen a stray click must not take it away.
    <Dialog
      onClose={onClose}
      title={made === undefined ? 'New API token' : `Token “${made.name}”`}
      closeOnClickOutside={made === undefined}
    >
      {made === undefined ? <CreateForm onCreated={setMade} /> : <Secret token={made} onClose={onClose} />}
    </Dialog>
  );
}

function RevokeDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const { revoke } = useTokenActs();
  return (
    <Dialog onClose={onClose} title={`Revoke “${token.name}”?`}>
      <Stack>
        <Text>Whatever uses this token is refused from now on. This cannot be undone.</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button
            color="red.9"
            loading={revoke.isPending}
            onClick={() => revoke.mutate(token.id, { onSettled: onClose })}
          >
            Revoke
          </Button>
        </Group>
      </Stack>
    </Dialog>
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
      {query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          Show more
        </Button>
      )}
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
      {revoking && <RevokeDialog token={revoking} onClose={() => setRevoking(undefined)} />}
    </Stack>
  );
}
