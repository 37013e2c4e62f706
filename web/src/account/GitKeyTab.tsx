import { Alert, Button, EmptyState, Text } from '@mantine/core';
import { IconGitBranch, IconPlus, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { GitKey } from '../../../contracts/people.ts';
import { useCreateGitKey } from '../api/mutations.ts';
import { gitKeyQuery } from '../api/queries.ts';
import { formatDateTime } from '../lib/format.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { CopyLine } from '../ui/elements/CopyLine.tsx';
import { ConfirmDialog } from '../ui/feedback/Dialog.tsx';
import { Load } from '../ui/feedback/Load.tsx';
import { Card } from '../ui/layout/Card.tsx';

function RotateDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateGitKey();
  return (
    <ConfirmDialog
      title="Replace your git key?"
      confirm="Replace key"
      pending={create.isPending}
      onConfirm={() => create.mutate(true, { onSettled: onClose })}
      onClose={onClose}
    >
      The current key is deleted. Git hosts reject your workspaces until you add the new key there, and running
      workspaces keep the old key until they restart.
    </ConfirmDialog>
  );
}

function Key({ gitKey }: { gitKey: GitKey }) {
  const [rotating, setRotating] = useState(false);
  return (
    <>
      <Text size="sm">Add this public key to your account on your git host, usually under “SSH keys”:</Text>
      <CopyLine text={gitKey.publicKey} what="the public key" />
      <Text size="sm" c="dimmed">
        {gitKey.fingerprint} · created {formatDateTime(new Date(gitKey.createdAt))}
      </Text>
      <div>
        <Button variant="default" leftSection={<IconRefresh size={18} aria-hidden />} onClick={() => setRotating(true)}>
          Replace key…
        </Button>
      </div>
      {rotating && <RotateDialog onClose={() => setRotating(false)} />}
    </>
  );
}

function NoKey() {
  const create = useCreateGitKey();
  return (
    <EmptyState
      icon={<IconGitBranch size={44} aria-hidden />}
      title="No git key yet"
      description="Your first workspace creates one. To add it to your git host first, create it now."
    >
      <EmptyState.Actions>
        <Button
          leftSection={<IconPlus size={18} aria-hidden />}
          loading={create.isPending}
          onClick={() => create.mutate(false)}
        >
          Create git key
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}

/** The SSH key that all of the person's workspaces use for git hosts. */
export function GitKeyTab() {
  usePageTitle('Git key');
  const query = useQuery(gitKeyQuery);
  return (
    <Card title="Git key">
      <Text c="dimmed" size="sm">
        Your own SSH key, available in each of your workspaces, so that git clone and git push work without further
        setup. The private key is stored encrypted and is never written to a workspace’s disk.
      </Text>
      <Alert color="yellow">Anyone you share a whole workspace with can use your key while working in it.</Alert>
      <Load query={query} what="your git key">
        {(gitKey) => (gitKey === null ? <NoKey /> : <Key gitKey={gitKey} />)}
      </Load>
    </Card>
  );
}
