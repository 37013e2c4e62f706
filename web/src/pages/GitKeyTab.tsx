import { Alert, Button, EmptyState, Text } from '@mantine/core';
import { IconGitBranch, IconPlus, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { GitKey } from '../../../contracts/routes.ts';
import { useMakeGitKey } from '../api/mutations.ts';
import { gitKeyQuery } from '../api/queries.ts';
import { Card } from '../components/Card.tsx';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { CopyLine } from '../components/CopyLine.tsx';
import { Load } from '../components/Load.tsx';
import { dateTime } from '../lib/format.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';

function RotateDialog({ onClose }: { onClose: () => void }) {
  const make = useMakeGitKey();
  return (
    <ConfirmDialog
      title="Make another git key?"
      keep="Keep the key"
      confirm="Replace it"
      pending={make.isPending}
      onConfirm={() => make.mutate(true, { onSettled: onClose })}
      onClose={onClose}
    >
      The old key is gone at once. Git hosts refuse your workspaces until you have given them the new one, and
      workspaces that run keep the old one until they are started again.
    </ConfirmDialog>
  );
}

function Key({ gitKey }: { gitKey: GitKey }) {
  const [rotating, setRotating] = useState(false);
  return (
    <>
      <Text size="sm">Give this public key to your git host, under “SSH keys” of your account there:</Text>
      <CopyLine text={gitKey.publicKey} what="the public key" />
      <Text size="sm" c="dimmed">
        {gitKey.fingerprint} · made {dateTime(new Date(gitKey.createdAt))}
      </Text>
      <div>
        <Button variant="default" leftSection={<IconRefresh size={18} aria-hidden />} onClick={() => setRotating(true)}>
          Replace…
        </Button>
      </div>
      {rotating && <RotateDialog onClose={() => setRotating(false)} />}
    </>
  );
}

function NoKey() {
  const make = useMakeGitKey();
  return (
    <EmptyState
      icon={<IconGitBranch size={44} aria-hidden />}
      title="You have no git key yet"
      description="Your first workspace makes one. Make it now to give it to your git host before."
    >
      <EmptyState.Actions>
        <Button
          leftSection={<IconPlus size={18} aria-hidden />}
          loading={make.isPending}
          onClick={() => make.mutate(false)}
        >
          Make a git key
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}

/** The SSH key by which all of the person's workspaces reach git hosts. */
export function GitKeyTab() {
  usePageTitle('Git key');
  const query = useQuery(gitKeyQuery);
  return (
    <Card title="Git key">
      <Text c="dimmed" size="sm">
        An SSH key of your own that every workspace of yours has from its first minute, so that git clone and git push
        simply work. Its private half is kept encrypted and is never written to a workspace’s disk.
      </Text>
      <Alert color="yellow">Whoever you share a whole workspace with can use the key there while they are in it.</Alert>
      <Load query={query} what="your git key">
        {(gitKey) => (gitKey === null ? <NoKey /> : <Key gitKey={gitKey} />)}
      </Load>
    </Card>
  );
}
