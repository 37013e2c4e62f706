import { Anchor, Button, EmptyState, Group, Stack, Text, Title } from '@mantine/core';
import { IconShare3, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Share } from '../../../contracts/sharing.ts';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useShareActs } from '../api/mutations.ts';
import { sharesQuery } from '../api/queries.ts';
import { Load } from '../components/Load.tsx';
import cardClasses from '../components/SettingsCard.module.css';
import { ShareForm } from '../components/ShareForm.tsx';
import { dateTime } from '../lib/format.ts';
import { limitSentence, whatWords, withWords } from '../lib/sharing.ts';
import { useOpenWorkspace } from '../lib/workspaceContext.ts';
import { NotFoundPage } from './NotFoundPage.tsx';
import classes from './SharingTab.module.css';

interface RowProps {
  workspace: Workspace;
  share: Share;
}

function Row({ workspace, share }: RowProps) {
  const { revoke } = useShareActs(workspace.id);
  const what = whatWords(share.what, workspace.apps);
  const who = withWords(share.with);
  return (
    <li className={classes['row']}>
      <div className={classes['about']}>
        <Text fw={600}>
          {what} with {who}
        </Text>
        <Text size="sm" c="dimmed">
          {share.expiresAt === undefined ? 'Until it is revoked' : `Until ${dateTime(new Date(share.expiresAt))}`}
          {` · by ${share.createdBy}`}
        </Text>
        {share.url !== undefined && (
          <Anchor href={share.url} target="_blank" rel="noopener noreferrer" size="sm">
            {share.url}
          </Anchor>
        )}
        {!share.active && (
          <Text size="sm" c="var(--berth-warn-text)">
            {share.inactive ?? 'It gives nothing now.'}
          </Text>
        )}
      </div>
      <Button
        variant="default"
        leftSection={<IconTrash size={18} aria-hidden />}
        loading={revoke.isPending}
        onClick={() => revoke.mutate(share.id)}
        aria-label={`Revoke ${what} with ${who}`}
      >
        Revoke
      </Button>
    </li>
  );
}

function Shares({ workspace, shares }: { workspace: Workspace; shares: readonly Share[] }) {
  if (shares.length === 0) {
    return (
      <EmptyState
        icon={<IconShare3 size={40} aria-hidden />}
        title="Only you can use it"
        description="Share one app to show a page, or the whole workspace to work in it together. You can take it back at any time."
      />
    );
  }
  return (
    <ul className={classes['list']}>
      {shares.map((share) => (
        <Row key={share.id} workspace={workspace} share={share} />
      ))}
    </ul>
  );
}

/** Who else may use the workspace, or parts of it. */
export function SharingTab() {
  const { workspace, may } = useOpenWorkspace();
  const query = useQuery({ ...sharesQuery(workspace.id), enabled: may.manage });
  if (!may.manage)
    return <NotFoundPage title="Only its owner shares it" description="Ask them, or an administrator." />;
  return (
    <Load query={query} what="with whom it is shared">
      {({ items, allowed }) => (
        <div className={classes['columns']}>
          <section className={`berth-card ${cardClasses['card']}`} aria-labelledby="shares">
            <Title order={2} size="h4" id="shares">
              Shared with
            </Title>
            <div aria-live="polite">
              <Shares workspace={workspace} shares={items} />
            </div>
          </section>
          <Stack gap="lg">
            {may.own ? (
              <ShareForm workspace={workspace} allowed={allowed} />
            ) : (
              <Group className={`berth-card ${cardClasses['card']}`}>
                <Text>Only {workspace.owner.name} shares it. You may revoke what is shared.</Text>
              </Group>
            )}
            <Text size="sm" c="dimmed">
              {limitSentence(allowed)} A share ends within a second of being revoked, for what is open by it as well.
            </Text>
          </Stack>
        </div>
      )}
    </Load>
  );
}
